-- How often each value of one column stands in an extract, most frequent first.
SELECT {column} AS value, CAST(count(*) AS bigint) AS rows_with_it
FROM extract
GROUP BY {column}
ORDER BY rows_with_it DESC, value NULLS LAST
