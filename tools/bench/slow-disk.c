#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

/* Loaded before libc: a disk that takes RECKON_BENCH_SYNC_US microseconds more for each flush than the one that is there. */
static int flush(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	const char *text = getenv("RECKON_BENCH_SYNC_US");
	long us = text == NULL ? 0 : atol(text);
	struct timespec more = {us / 1000000, us % 1000000 * 1000};
	int result = real(fd);

	nanosleep(&more, NULL);
	return result;
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }
