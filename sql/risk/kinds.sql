-- How many rows each employer has of each kind.
SELECT employer_id, employer_uscc, employer_kind AS kind, CAST(count(*) AS bigint) AS rows_of_it
FROM extract
WHERE employer_kind IS NOT NULL
GROUP BY employer_id, employer_uscc, employer_kind
ORDER BY employer_id NULLS LAST, employer_uscc NULLS LAST, kind NULLS LAST
