-- The part of a LEMIS core that sql/views/lemis.sql reads, filled from the four relations of the reference
-- schema, which must exist and are dropped.
CREATE TABLE ac01 AS
SELECT person_id AS aac001,
       CASE id_kind WHEN 'resident_id' THEN '01' WHEN 'foreign_pr' THEN '08' WHEN 'passport' THEN '03'
                    ELSE '06' END AS aac058,
       CAST(NULL AS text) AS aac002,
       id_number AS aac147,
       name AS aac003,
       CASE sex WHEN 'M' THEN '1' WHEN 'F' THEN '2' ELSE '9' END AS aac004,
       birth_date AS aac006,
       phone AS aac067,
       district AS aab301
  FROM recipient;
CREATE TABLE ab01 AS
SELECT last_employer_id AS aab001, max(last_employer_name) AS aab004, max(last_employer_uscc) AS aab998
  FROM claim WHERE last_employer_id IS NOT NULL GROUP BY last_employer_id;
CREATE TABLE cc02 AS
SELECT 'D' || claim_id AS acc020, person_id AS aac001, last_employer_id AS aab001, last_employer_name AS aab004,
       registered_on AS aae044, separated_on AS ajc090, separation_reason AS ajc093
  FROM claim;
CREATE TABLE jc10 AS
SELECT claim_id AS bjc100, 'D' || claim_id AS acc020, person_id AS aac001, district AS aae017,
       CASE status WHEN 'active' THEN '1' WHEN 'suspended' THEN '0' ELSE '3' END AS aae116,
       entitled_months AS ajc097, deemed_months AS ajc001, monthly_amount AS ajc140,
       CAST(replace(start_month, '-', '') AS integer) AS ajc100,
       (CAST(substr(start_month, 1, 4) AS integer) * 12 + CAST(substr(start_month, 6, 2) AS integer)
           + entitled_months - 2 + CASE WHEN extended_to_retirement THEN 9 ELSE 0 END) / 12 * 100
           + (CAST(substr(start_month, 1, 4) AS integer) * 12 + CAST(substr(start_month, 6, 2) AS integer)
           + entitled_months - 2 + CASE WHEN extended_to_retirement THEN 9 ELSE 0 END) % 12 + 1 AS ajc106,
       CASE status WHEN 'exhausted' THEN '648' ELSE stop_cause END AS bjc160,
       CAST(replace(stop_month, '-', '') AS integer) AS bjc408,
       accepted_by AS aae011
  FROM claim;
CREATE TABLE jc22 AS
SELECT payment_id AS bjc220, claim_id AS bjc100, CAST(replace(benefit_month, '-', '') AS integer) AS ajc150,
       CASE benefit_kind WHEN 'unemployment_benefit' THEN amount ELSE 0 END AS ajc140,
       CASE benefit_kind WHEN 'medical_insurance' THEN amount ELSE 0 END AS ajc152,
       CASE WHEN benefit_kind IN ('unemployment_benefit', 'medical_insurance') THEN 0 ELSE amount END AS bjc417,
       CASE benefit_kind WHEN 'funeral' THEN '21' WHEN 'survivors' THEN '22' WHEN 'price_subsidy' THEN '91'
                         WHEN 'pension_reimbursement' THEN '92' WHEN 'maternity' THEN '93' END AS bjc418,
       CASE state WHEN 'returned' THEN '0' ELSE '1' END AS aae100,
       CASE WHEN paid_on IS NOT NULL THEN '1' WHEN state = 'in_transit' THEN '3' ELSE '0' END AS aae117,
       paid_on AS aae036,
       bank_account AS aae010
  FROM payment
 UNION ALL
SELECT recovery_id, claim_id, CAST(replace(benefit_month, '-', '') AS integer),
       CASE benefit_kind WHEN 'unemployment_benefit' THEN -amount ELSE 0 END,
       CASE benefit_kind WHEN 'medical_insurance' THEN -amount ELSE 0 END,
       CASE WHEN benefit_kind IN ('unemployment_benefit', 'medical_insurance') THEN 0 ELSE -amount END,
       CASE benefit_kind WHEN 'funeral' THEN '21' WHEN 'survivors' THEN '22' WHEN 'price_subsidy' THEN '91'
                         WHEN 'pension_reimbursement' THEN '92' WHEN 'maternity' THEN '93' END,
       '1', '1', received_on, NULL
  FROM recovery;
CREATE INDEX jc22_claim ON jc22 (bjc100);
DROP TABLE recovery;
DROP TABLE payment;
DROP TABLE claim;
DROP TABLE recipient;
