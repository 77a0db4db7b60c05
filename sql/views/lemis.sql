-- The four relations as views over a LEMIS core: AC01 (persons), AB01 (units), CC02 (unemployment
-- registrations), JC10 (entitlements), JC22 (the monthly payment roll). A template: code values and the
-- places marked "local" differ between cities and are the DBA's to set. Runs on PostgreSQL and SQLite;
-- the tables must be on the search path, months are numbers YYYYMM, dates are dates.

-- local: AAC058 as the city codes it.
CREATE VIEW recipient AS
SELECT aac001 AS person_id,
       CASE aac058 WHEN '01' THEN 'resident_id' WHEN '08' THEN 'foreign_pr' WHEN '03' THEN 'passport'
                   ELSE 'hmt_permit' END AS id_kind,
       coalesce(aac147, aac002) AS id_number,
       aac003 AS name,
       CASE aac004 WHEN '1' THEN 'M' WHEN '2' THEN 'F' END AS sex,
       aac006 AS birth_date,
       aac067 AS phone,
       aab301 AS district
  FROM ac01;

-- AAE116 = 2 was never approved and is no claim. BJC160 = 648: the entitlement ran out.
-- AJC106 later than AJC097 months after AJC100 is the lawful extension to retirement.
-- local: AAE017 holds the 6-digit code of the handling agency; AJC001 (deemed months) stands in JC10.
CREATE VIEW claim AS
SELECT jc10.bjc100 AS claim_id,
       jc10.aac001 AS person_id,
       jc10.aae017 AS district,
       cc02.aae044 AS registered_on,
       substr(CAST(jc10.ajc100 AS text), 1, 4) || '-' || substr(CAST(jc10.ajc100 AS text), 5, 2) AS start_month,
       jc10.ajc097 AS entitled_months,
       coalesce(jc10.ajc001, 0) AS deemed_months,
       jc10.ajc106 / 100 * 12 + jc10.ajc106 % 100 - jc10.ajc100 / 100 * 12 - jc10.ajc100 % 100 + 1
           > jc10.ajc097 AS extended_to_retirement,
       jc10.ajc140 AS monthly_amount,
       CASE WHEN jc10.aae116 = '1' THEN 'active' WHEN jc10.aae116 = '0' THEN 'suspended'
            WHEN jc10.bjc160 = '648' THEN 'exhausted' ELSE 'stopped' END AS status,
       CASE WHEN jc10.bjc160 <> '648' THEN
           substr(CAST(jc10.bjc408 AS text), 1, 4) || '-' || substr(CAST(jc10.bjc408 AS text), 5, 2)
       END AS stop_month,
       CASE WHEN jc10.bjc160 <> '648' THEN jc10.bjc160 END AS stop_cause,
       cc02.ajc090 AS separated_on,
       cc02.ajc093 AS separation_reason,
       cc02.aab001 AS last_employer_id,
       ab01.aab998 AS last_employer_uscc,
       coalesce(cc02.aab004, ab01.aab004) AS last_employer_name,
       CAST(NULL AS date) AS commitment_signed_on,
       jc10.aae011 AS accepted_by,
       CAST(NULL AS text) AS approved_by
  FROM jc10
  JOIN cc02 ON cc02.acc020 = jc10.acc020
  LEFT JOIN ab01 ON ab01.aab001 = cc02.aab001
 WHERE jc10.aae116 <> '2';

-- One row of the roll carries several benefits side by side: here each is a row of its own.
-- local: BJC418 as the city codes the benefit in BJC417.
CREATE VIEW roll_item AS
SELECT bjc220, bjc100, ajc150, aae100, aae117, aae036, aae010, '11' AS code,
       'unemployment_benefit' AS benefit_kind, ajc140 AS amount
  FROM jc22 WHERE ajc140 <> 0
 UNION ALL
SELECT bjc220, bjc100, ajc150, aae100, aae117, aae036, aae010, '14', 'medical_insurance', ajc152
  FROM jc22 WHERE ajc152 <> 0
 UNION ALL
SELECT bjc220, bjc100, ajc150, aae100, aae117, aae036, aae010, bjc418,
       CASE bjc418 WHEN '21' THEN 'funeral' WHEN '22' THEN 'survivors' WHEN '91' THEN 'price_subsidy'
                   WHEN '92' THEN 'pension_reimbursement' WHEN '93' THEN 'maternity' END, bjc417
  FROM jc22 WHERE bjc417 <> 0;

-- AAE100 = 0: the bank sent the money back and the row was cancelled.
-- local: AAE117 and AAE036 stand in JC22 as the bank reported them; else join the finance system's table.
CREATE VIEW payment AS
SELECT bjc220 || '-' || code AS payment_id,
       bjc100 AS claim_id,
       substr(CAST(ajc150 AS text), 1, 4) || '-' || substr(CAST(ajc150 AS text), 5, 2) AS benefit_month,
       benefit_kind,
       amount,
       CASE WHEN aae100 = '0' THEN 'returned' WHEN aae117 = '1' THEN 'paid' WHEN aae117 = '3' THEN 'in_transit'
            ELSE 'scheduled' END AS state,
       CASE WHEN aae117 = '1' THEN aae036 END AS paid_on,
       aae010 AS bank_account
  FROM roll_item
 WHERE amount > 0;

-- local: money paid back is booked on the roll as a negative amount for the month it was paid for.
CREATE VIEW recovery AS
SELECT bjc220 || '-' || code AS recovery_id,
       bjc100 AS claim_id,
       substr(CAST(ajc150 AS text), 1, 4) || '-' || substr(CAST(ajc150 AS text), 5, 2) AS benefit_month,
       benefit_kind,
       -amount AS amount,
       aae036 AS received_on
  FROM roll_item
 WHERE amount < 0 AND aae100 = '1';
