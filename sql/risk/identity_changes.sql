-- Every registered change of number or name.
SELECT DISTINCT id_key AS number, old_id_key AS old_number, name_key AS name, old_name_key AS old_name
FROM extract
ORDER BY number, old_number, name, old_name
