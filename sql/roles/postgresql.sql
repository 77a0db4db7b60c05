-- Who may do what in the benefit database, for PostgreSQL 15 and newer. Run by its owner or a superuser,
-- after `crossmatch db upgrade` and again after every upgrade; running it again changes nothing.
--   pipeline  the night: reads the agency's four relations, writes our tables, nothing else
--   reader    people and tools that look at our tables
--   desk      the process that people's browsers talk to: of candidates it changes the status alone, and it sees
--             those of the districts that its transaction names, none where it names none
--   supervision  基金监督 of the city: reads fund risk through the schema crossmatch_risk, and nothing else
-- Passwords are given by the DBA: ALTER ROLE pipeline PASSWORD '…'. All roles connect with TLS.
SET client_min_messages = 'warning';  -- what a first run has not to drop
DO $$
DECLARE
    member text;
BEGIN
    FOREACH member IN ARRAY ARRAY['pipeline', 'reader', 'desk', 'supervision'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = member) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', member);
        END IF;
        EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), member);
        -- No text of a row, a parameter or a failed statement reaches the server's log: an error's first line
        -- may quote a value too, so errors below FATAL are not logged at all; the product logs their SQLSTATE.
        EXECUTE format('ALTER ROLE %I SET log_min_messages = ''fatal''', member);
        EXECUTE format('ALTER ROLE %I SET log_error_verbosity = ''terse''', member);
        EXECUTE format('ALTER ROLE %I SET log_min_error_statement = ''panic''', member);
        EXECUTE format('ALTER ROLE %I SET log_parameter_max_length = 0', member);
        EXECUTE format('ALTER ROLE %I SET lock_timeout = ''5s''', member);
    END LOOP;
END
$$;

-- Nobody waits for ever.
ALTER ROLE pipeline SET statement_timeout = '30min';
ALTER ROLE pipeline SET idle_in_transaction_session_timeout = '30min';
ALTER ROLE reader SET statement_timeout = '5min';
ALTER ROLE reader SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE reader SET default_transaction_read_only = on;
ALTER ROLE desk SET statement_timeout = '30s';
ALTER ROLE desk SET idle_in_transaction_session_timeout = '1min';
-- What is shown on a page is found by indexes; compiling the statement would take longer than running it.
ALTER ROLE desk SET jit = off;
ALTER ROLE supervision SET statement_timeout = '5min';
ALTER ROLE supervision SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE supervision SET default_transaction_read_only = on;
ALTER ROLE supervision SET search_path = crossmatch_risk;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM pipeline, reader, desk;
REVOKE ALL ON SCHEMA public FROM pipeline, reader, desk;
GRANT USAGE ON SCHEMA public TO pipeline, desk;
GRANT SELECT ON public.recipient, public.claim, public.payment, public.recovery TO pipeline;

REVOKE ALL ON ALL TABLES IN SCHEMA crossmatch FROM pipeline, reader, desk;
REVOKE ALL (status) ON crossmatch.suspension_candidate FROM desk;
REVOKE ALL (only_row) ON crossmatch.run_epoch FROM desk;
REVOKE ALL ON SCHEMA crossmatch FROM pipeline, reader, desk;
GRANT USAGE ON SCHEMA crossmatch TO pipeline, reader, desk;
GRANT SELECT ON ALL TABLES IN SCHEMA crossmatch TO reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA crossmatch TO pipeline;
-- What people decided and what was done is added to, never taken away.
REVOKE DELETE ON crossmatch.match_run, crossmatch.review, crossmatch.review_detail, crossmatch.review_money FROM pipeline;
REVOKE UPDATE, DELETE ON crossmatch.release_decision, crossmatch.judged_fact, crossmatch.audit_event,
  crossmatch.identity_decision FROM pipeline;
REVOKE INSERT, UPDATE, DELETE ON crossmatch.applied_migration, crossmatch.alembic_version FROM pipeline;
-- Accounts and sessions are the desk's alone: no night and no reader sees a hash or a secret.
REVOKE ALL ON crossmatch.desk_account, crossmatch.desk_session, crossmatch.desk_sign_in, crossmatch.desk_assignment,
  crossmatch.desk_attachment, crossmatch.desk_filter, crossmatch.desk_export, crossmatch.desk_notice,
  crossmatch.reply_deadline, crossmatch.notice_counter, crossmatch.desk_draft FROM pipeline, reader;
-- A run adds up how many are to be answered by a day.
GRANT SELECT (candidate_id, reply_by) ON crossmatch.reply_deadline TO pipeline;

-- The desk. Column rights are what SELECT … FOR UPDATE needs; run_epoch.only_row can hold nothing but 1.
-- A page that needs a further table names it here, and below whose rows of it are seen.
GRANT SELECT ON crossmatch.match_run, crossmatch.delivery, crossmatch.release_decision, crossmatch.backfill,
  crossmatch.outbox, crossmatch.audit_event, crossmatch.suspension_candidate, crossmatch.candidate_tally,
  crossmatch.evidence, crossmatch.overpayment, crossmatch.preventable, crossmatch.excluded_match,
  crossmatch.identity_question, crossmatch.identity_decision, crossmatch.probable_link,
  crossmatch.material_request, crossmatch.entitlement_notice, crossmatch.review, crossmatch.review_detail,
  crossmatch.review_money, crossmatch.judged_fact, crossmatch.report_export, crossmatch.report_export_row, crossmatch.run_epoch,
  crossmatch.applied_migration, crossmatch.alembic_version, crossmatch.risk_run, crossmatch.risk_signal TO desk;
GRANT UPDATE (status) ON crossmatch.suspension_candidate TO desk;
GRANT UPDATE (only_row) ON crossmatch.run_epoch TO desk;
-- Of a clean-up it writes what people decide; whose registrations may be one person is in the proposals.
REVOKE ALL (status) ON crossmatch.correction_proposal FROM desk;
REVOKE ALL (second_by, second_at) ON crossmatch.correction_decision FROM desk;
GRANT SELECT ON crossmatch.cleanup_run, crossmatch.cleanup_finding, crossmatch.correction_proposal,
  crossmatch.correction_decision, crossmatch.correction_export, crossmatch.correction_export_row,
  crossmatch.correction_list, crossmatch.correction_list_row, crossmatch.readiness,
  crossmatch.entitlement_check TO desk;
GRANT UPDATE (status) ON crossmatch.correction_proposal TO desk;
GRANT INSERT, UPDATE (second_by, second_at) ON crossmatch.correction_decision TO desk;
GRANT INSERT ON crossmatch.review, crossmatch.review_detail, crossmatch.review_money, crossmatch.judged_fact,
  crossmatch.audit_event,
  crossmatch.release_decision, crossmatch.identity_decision, crossmatch.report_export,
  crossmatch.report_export_row, crossmatch.backfill, crossmatch.outbox TO desk;
GRANT UPDATE (second_by, second_at) ON crossmatch.review TO desk;
GRANT INSERT, UPDATE, DELETE ON crossmatch.candidate_tally TO desk;
GRANT SELECT, INSERT, UPDATE, DELETE ON crossmatch.desk_account, crossmatch.desk_session,
  crossmatch.desk_assignment, crossmatch.desk_filter, crossmatch.desk_draft TO desk;
GRANT SELECT, INSERT, DELETE ON crossmatch.desk_sign_in TO desk;
GRANT SELECT, INSERT, UPDATE ON crossmatch.reply_deadline, crossmatch.notice_counter TO desk;
GRANT SELECT, INSERT ON crossmatch.desk_attachment, crossmatch.desk_export, crossmatch.desk_notice TO desk;
REVOKE DELETE ON crossmatch.desk_account FROM desk;

-- Whose rows the desk sees: a transaction says `crossmatch.districts`, codes with commas or * for the whole city.
-- What belongs to a candidate is seen with it, what belongs to a claim with its district,
-- what belongs to a person with one of both. Who sees the whole city sees every candidate: none is looked for.
-- FORCE holds the owner to it too, who like the night and the reader has a policy that shows everything.
-- What is said is read once for a statement, not for each row.
CREATE OR REPLACE FUNCTION crossmatch.desk_districts() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT string_to_array(coalesce(current_setting('crossmatch.districts', true), ''), ',')
$$;
DROP FUNCTION IF EXISTS crossmatch.desk_sees(text) CASCADE;

-- The agency's relations have no policies of ours: they are the agency's. The desk reads them through these views,
-- which come first on its search path, and not otherwise. With a person who has a claim in one of the districts all
-- of the person's claims are seen: whoever took part in any of them may not sign, and how many there are is shown.
-- Whose rows are seen is decided before any other condition is asked (security_barrier), with the owner's rights.
-- A change of these columns by the agency: DROP SCHEMA crossmatch_desk CASCADE before it, this script after it.
CREATE SCHEMA IF NOT EXISTS crossmatch_desk;
REVOKE ALL ON SCHEMA crossmatch_desk FROM PUBLIC;
GRANT USAGE ON SCHEMA crossmatch_desk TO desk;
DROP VIEW IF EXISTS crossmatch_desk.recovery, crossmatch_desk.payment, crossmatch_desk.recipient,
  crossmatch_desk.claim CASCADE;
CREATE VIEW crossmatch_desk.claim WITH (security_barrier) AS
SELECT c.claim_id, c.person_id, c.district, c.registered_on, c.start_month, c.entitled_months, c.deemed_months,
  c.extended_to_retirement, c.monthly_amount, c.status, c.stop_month, c.stop_cause, c.separated_on,
  c.separation_reason, c.last_employer_id, c.last_employer_uscc, c.last_employer_name, c.commitment_signed_on,
  c.accepted_by, c.approved_by
FROM public.claim c
WHERE (SELECT crossmatch.desk_districts()) = '{*}'
  OR c.district = ANY ((SELECT crossmatch.desk_districts())::text[])
  OR EXISTS (SELECT FROM public.claim own WHERE own.person_id = c.person_id
             AND own.district = ANY ((SELECT crossmatch.desk_districts())::text[]));
CREATE VIEW crossmatch_desk.recipient WITH (security_barrier) AS
SELECT r.person_id, r.id_kind, r.id_number, r.name, r.sex, r.birth_date, r.phone, r.district
FROM public.recipient r
WHERE (SELECT crossmatch.desk_districts()) = '{*}'
  OR EXISTS (SELECT FROM public.claim own WHERE own.person_id = r.person_id
             AND own.district = ANY ((SELECT crossmatch.desk_districts())::text[]));
CREATE VIEW crossmatch_desk.payment WITH (security_barrier) AS
SELECT p.payment_id, p.claim_id, p.benefit_month, p.benefit_kind, p.amount, p.state, p.paid_on, p.bank_account
FROM public.payment p
WHERE (SELECT crossmatch.desk_districts()) = '{*}'
  OR EXISTS (SELECT FROM public.claim c JOIN public.claim own ON own.person_id = c.person_id
             WHERE c.claim_id = p.claim_id AND own.district = ANY ((SELECT crossmatch.desk_districts())::text[]));
CREATE VIEW crossmatch_desk.recovery WITH (security_barrier) AS
SELECT b.recovery_id, b.claim_id, b.benefit_month, b.benefit_kind, b.amount, b.received_on
FROM public.recovery b
WHERE (SELECT crossmatch.desk_districts()) = '{*}'
  OR EXISTS (SELECT FROM public.claim c JOIN public.claim own ON own.person_id = c.person_id
             WHERE c.claim_id = b.claim_id AND own.district = ANY ((SELECT crossmatch.desk_districts())::text[]));
GRANT SELECT ON crossmatch_desk.recipient, crossmatch_desk.claim, crossmatch_desk.payment,
  crossmatch_desk.recovery TO desk;

DO $$
DECLARE
    whole  text := '(SELECT crossmatch.desk_districts()) = ''{*}''';
    within text := '((SELECT crossmatch.desk_districts()) = ''{*}'''
        ' OR %s = ANY ((SELECT crossmatch.desk_districts())::text[]))';
    scoped record;
    owner  text;
BEGIN
    FOR scoped IN SELECT * FROM (VALUES
        ('suspension_candidate', 'district'),
        ('desk_export', 'districts'),
        ('candidate_tally', 'district'),
        ('evidence', 'candidate'), ('overpayment', 'candidate'), ('preventable', 'candidate'),
        ('review', 'candidate'), ('judged_fact', 'candidate'), ('report_export_row', 'candidate'),
        ('desk_assignment', 'candidate'), ('reply_deadline', 'candidate'), ('desk_attachment', 'candidate'), ('desk_notice', 'candidate'),
        ('review_detail', 'review'), ('review_money', 'review'),
        ('correction_proposal', 'district'), ('cleanup_finding', 'district'), ('correction_export', 'district'),
        ('correction_list', 'district'), ('readiness', 'district'), ('correction_decision', 'proposal'),
        ('correction_export_row', 'proposal'), ('correction_list_row', 'proposal'), ('entitlement_check', 'claim'),
        ('probable_link', 'person'), ('excluded_match', 'claim'), ('identity_question', 'claim'),
        ('material_request', 'claim'),
        ('entitlement_notice', 'claim')
    ) AS listed (name, seen) LOOP
        SELECT tableowner INTO owner FROM pg_tables WHERE schemaname = 'crossmatch' AND tablename = scoped.name;
        EXECUTE format('ALTER TABLE crossmatch.%I ENABLE ROW LEVEL SECURITY', scoped.name);
        EXECUTE format('ALTER TABLE crossmatch.%I FORCE ROW LEVEL SECURITY', scoped.name);
        EXECUTE format('DROP POLICY IF EXISTS everything ON crossmatch.%I', scoped.name);
        EXECUTE format('CREATE POLICY everything ON crossmatch.%I TO pipeline, reader, %I USING (true) WITH CHECK (true)',
            scoped.name, owner);
        EXECUTE format('DROP POLICY IF EXISTS districts ON crossmatch.%I', scoped.name);
        EXECUTE format('CREATE POLICY districts ON crossmatch.%I TO desk USING (%s)', scoped.name, CASE scoped.seen
            WHEN 'district' THEN format(within, 'district')
            WHEN 'districts' THEN format(within, 'districts')
            WHEN 'candidate' THEN format(
                whole || ' OR EXISTS (SELECT FROM crossmatch.suspension_candidate c'
                ' WHERE c.candidate_id = %I.candidate_id)', scoped.name)
            WHEN 'review' THEN format(
                whole || ' OR EXISTS (SELECT FROM crossmatch.review r WHERE r.review_id = %I.review_id)', scoped.name)
            WHEN 'proposal' THEN format(
                'EXISTS (SELECT FROM crossmatch.correction_proposal p WHERE p.proposal_id = %I.proposal_id)',
                scoped.name)
            WHEN 'claim' THEN format(
                'EXISTS (SELECT FROM crossmatch_desk.claim c WHERE c.claim_id = %I.claim_id AND ', scoped.name)
                || format(within, 'c.district') || ')'
            WHEN 'person' THEN format(
                'EXISTS (SELECT FROM crossmatch.suspension_candidate c WHERE c.person_id = %1$I.person_id)'
                ' OR EXISTS (SELECT FROM crossmatch_desk.claim c WHERE c.person_id = %1$I.person_id AND ', scoped.name)
                || format(within, 'c.district') || ')'
            ELSE scoped.seen END);
    END LOOP;
END
$$;

-- Fund risk: 基金监督 of the city (supervision) reads it through views of a schema of its own, with the owner's
-- rights; nobody else enters that schema, and where the tables lie only the night sees a signal about an operator,
-- its facts and what was decided on it. A downgrade that drops one of these tables: DROP SCHEMA crossmatch_risk
-- CASCADE before it, this script after it. Relations for fund risk are read where they are.
CREATE SCHEMA IF NOT EXISTS crossmatch_risk;
REVOKE ALL ON SCHEMA crossmatch_risk FROM PUBLIC, pipeline, reader, desk;
DO $$
DECLARE
    relation text;
    guarded text;
    visible text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['risk_run', 'risk_signal', 'risk_fact', 'risk_review', 'risk_memory', 'risk_seen',
                                    'risk_impact', 'quality_check'] LOOP
        EXECUTE format('DROP VIEW IF EXISTS crossmatch_risk.%I', relation);
        EXECUTE format('CREATE VIEW crossmatch_risk.%1$I WITH (security_barrier) AS SELECT * FROM crossmatch.%1$I',
                       relation);
    END LOOP;
    FOREACH relation IN ARRAY ARRAY['operator', 'duty_exception', 'claim_event', 'account_check', 'payee_agent',
                                    'service_hours'] LOOP
        IF to_regclass('public.' || quote_ident(relation)) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON public.%I TO pipeline', relation);
        END IF;
    END LOOP;
    -- Who took part in a claim signs nothing about it, at the desk neither: it sees who did, not what.
    IF to_regclass('public.operator') IS NOT NULL THEN
        GRANT SELECT (operator_id, person_key, office, since, until) ON public.operator TO desk;
    END IF;
    IF to_regclass('public.claim_event') IS NOT NULL THEN
        GRANT SELECT (claim_id, operator_id, channel) ON public.claim_event TO desk;
    END IF;
    FOREACH guarded IN ARRAY ARRAY['risk_signal', 'risk_fact', 'risk_review', 'risk_seen'] LOOP
        EXECUTE format('ALTER TABLE crossmatch.%I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('DROP POLICY IF EXISTS everything ON crossmatch.%I', guarded);
        EXECUTE format('DROP POLICY IF EXISTS no_operator ON crossmatch.%I', guarded);
        EXECUTE format('DROP POLICY IF EXISTS own_district ON crossmatch.%I', guarded);
        EXECUTE format('CREATE POLICY everything ON crossmatch.%I TO pipeline
                        USING (true) WITH CHECK (true)', guarded);
        visible := CASE guarded WHEN 'risk_signal' THEN 'subject_kind <> ''operator'''
                   ELSE 'signal_id IN (SELECT s.signal_id FROM crossmatch.risk_signal s)' END;
        EXECUTE format('CREATE POLICY no_operator ON crossmatch.%I FOR SELECT TO reader USING (%s)',
                       guarded, visible);
        IF guarded = 'risk_signal' THEN
            visible := '((SELECT crossmatch.desk_districts()) = ''{*}''
                         OR district = ANY ((SELECT crossmatch.desk_districts())::text[])) AND (subject_kind <> ''operator'' OR
                        current_setting(''crossmatch.supervision'', true) = ''on'')';
        END IF;
        EXECUTE format('CREATE POLICY own_district ON crossmatch.%I FOR SELECT TO desk USING (%s)',
                       guarded, visible);
    END LOOP;
END
$$;
-- The desk adds up what random samples found, and sees neither whose claim was drawn nor who checked it.
GRANT SELECT (month, stratum, population, paid_fen, verdict, wrong_fen) ON crossmatch.quality_check TO desk;
REVOKE ALL ON ALL TABLES IN SCHEMA crossmatch FROM supervision;
REVOKE ALL ON SCHEMA crossmatch FROM supervision;
GRANT USAGE ON SCHEMA crossmatch_risk TO supervision;
GRANT SELECT ON ALL TABLES IN SCHEMA crossmatch_risk TO supervision;
