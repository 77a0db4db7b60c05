-- One row per delivery: people, unusable identity numbers, the time it covers.
SELECT
    delivered_on,
    CAST({persons} AS bigint) AS persons,
    CAST(sum(CASE WHEN id_class IN ('valid18', 'valid15', 'permit') THEN 0 ELSE 1 END) AS bigint) AS unusable_ids,
    min({covered}) AS first_covered,
    max({covered}) AS last_covered
FROM extract
GROUP BY delivered_on
