-- Every form of staff reduction with its place.
SELECT id_key AS person, employer_id, employer_uscc, joined_on, left_on, reason_code, filed_on, form_no,
       replaces_form_no AS replaces, reference, delivered_on, file, line
FROM extract
WHERE id_key IS NOT NULL
ORDER BY person, delivered_on, file, line
