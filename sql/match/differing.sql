-- Whose rows in one of two frames are not those of the other; how often a row comes counts too.
SELECT DISTINCT {key}
FROM (
    SELECT {columns}
    FROM (
        SELECT {earlier}, 1 AS side FROM earlier
        UNION ALL
        SELECT {tonight}, -1 AS side FROM tonight
    ) AS of_both
    GROUP BY {columns}
    HAVING CAST(sum(side) AS bigint) <> 0
) AS of_one
