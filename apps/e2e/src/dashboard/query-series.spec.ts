import { describe, expect, it } from 'vitest';
import { querySeries } from './query-series.suite';
import { seriesOf } from './series.suite';

const scraped = seriesOf(`# HELP took_seconds How long.
# TYPE took_seconds histogram
took_seconds_bucket{verb="GET",le="0.1"} 1
took_seconds_bucket{verb="GET",le="+Inf"} 2
took_seconds_bucket{verb="PUT",le="0.1"} 0
took_seconds_bucket{verb="PUT",le="+Inf"} 0
took_seconds_count{verb="GET"} 2
took_seconds_count{verb="PUT"} 0
done_total{verb="GET",text="a \\"b\\", {c}"} 7
up 1
down 0
`);

describe('the series that a query returns', () => {
  it.each([
    ['up', [{ __name__: 'up' }]],
    ['rate(up[$__rate_interval])', [{}]],
    ['up / down', [{}]],
    ['none', []],
    ['up / none', []],
    ['took_seconds_count / done_total', []],
    ['sum(took_seconds_count)', [{}]],
    ['sum by (verb) (rate(took_seconds_count[5m]))', [{ verb: 'GET' }, { verb: 'PUT' }]],
    ['sum by (verb) (took_seconds_count{verb!="PUT"})', [{ verb: 'GET' }]],
    ['max by (verb) (took_seconds_count{verb=~"P.*"})', [{ verb: 'PUT' }]],
    ['sum by (verb) (took_seconds_count{verb=~"P"})', []],
    ['histogram_quantile(0.99, sum by (le, verb) (rate(took_seconds_bucket[5m])))', [{ verb: 'GET' }, { verb: 'PUT' }]],
    ['sum by (text) (done_total)', [{ text: 'a \\"b\\", {c}' }]],
  ])('%s', (query, result) => {
    expect(querySeries(query, scraped)).toEqual(result);
  });

  it.each([
    ['sum by (code) (took_seconds_count)', 'has no label code'],
    ['took_seconds_count{code="200"}', 'has no label code'],
    ['histogram_quantile(0.99, sum by (verb) (took_seconds_bucket))', 'has no label le'],
    ['histogram_quantile(99, took_seconds_bucket)', 'a quantile is between 0 and 1'],
    ['predict(up)', 'predict is no function that is known here'],
    ['sum(up', 'the query ends too early'],
    ['up up', 'up was not read'],
    ['up ; down', '; down is not understood'],
  ])('is not told for %s', (query, message) => {
    expect(() => querySeries(query, scraped)).toThrow(message);
  });

  it('is not told of a text that is no scrape', () => {
    expect(() => seriesOf('up{ 1')).toThrow('no series: up{ 1');
  });
});
