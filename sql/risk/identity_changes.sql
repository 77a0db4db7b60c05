-- Every registered change of number or name.
SELECT DISTINCT id_key AS number, old_id_key AS old_number, name_key AS name, old_name_key AS old_name
FROM extract
ORDER BY number NULLS LAST, old_number NULLS LAST, name NULLS LAST, old_name NULLS LAST
