// CommonJS, so it is bundled through a module of our own; @peculiar/x509 needs it loaded first.
import 'reflect-metadata';
