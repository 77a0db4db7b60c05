-- Who may do what in the benefit database, for PostgreSQL 15 and newer. Run by its owner or a superuser,
-- after `crossmatch db upgrade` and again after every upgrade; running it again changes nothing.
--   pipeline  the night: reads the agency's four relations, writes our tables, nothing else
--   reader    people and tools that look at our tables
-- Passwords are given by the DBA: ALTER ROLE pipeline PASSWORD '…'. Both roles connect with TLS.
DO $$
DECLARE
    member text;
BEGIN
    FOREACH member IN ARRAY ARRAY['pipeline', 'reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = member) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', member);
        END IF;
        EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), member);
    END LOOP;
END
$$;

-- No text of a row, a parameter or a failed statement reaches the server's log: an error's first line may
-- quote a value too, so errors below FATAL are not logged at all; the product logs their SQLSTATE itself.
ALTER ROLE pipeline SET log_min_messages = 'fatal';
ALTER ROLE pipeline SET log_error_verbosity = 'terse';
ALTER ROLE pipeline SET log_min_error_statement = 'panic';
ALTER ROLE pipeline SET log_parameter_max_length = 0;
ALTER ROLE reader SET log_min_messages = 'fatal';
ALTER ROLE reader SET log_error_verbosity = 'terse';
ALTER ROLE reader SET log_min_error_statement = 'panic';
ALTER ROLE reader SET log_parameter_max_length = 0;

-- Nobody waits for ever.
ALTER ROLE pipeline SET lock_timeout = '5s';
ALTER ROLE pipeline SET statement_timeout = '30min';
ALTER ROLE pipeline SET idle_in_transaction_session_timeout = '30min';
ALTER ROLE reader SET lock_timeout = '5s';
ALTER ROLE reader SET statement_timeout = '5min';
ALTER ROLE reader SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE reader SET default_transaction_read_only = on;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM pipeline, reader;
REVOKE ALL ON SCHEMA public FROM pipeline, reader;
GRANT USAGE ON SCHEMA public TO pipeline;
GRANT SELECT ON public.recipient, public.claim, public.payment, public.recovery TO pipeline;

REVOKE ALL ON ALL TABLES IN SCHEMA crossmatch FROM pipeline, reader;
REVOKE ALL ON SCHEMA crossmatch FROM pipeline, reader;
GRANT USAGE ON SCHEMA crossmatch TO pipeline, reader;
GRANT SELECT ON ALL TABLES IN SCHEMA crossmatch TO reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA crossmatch TO pipeline;
-- What people decided and what was done is added to, never taken away.
REVOKE DELETE ON crossmatch.match_run, crossmatch.review, crossmatch.review_detail FROM pipeline;
REVOKE UPDATE, DELETE ON crossmatch.release_decision, crossmatch.judged_fact, crossmatch.audit_event,
  crossmatch.identity_decision FROM pipeline;
REVOKE INSERT, UPDATE, DELETE ON crossmatch.applied_migration, crossmatch.alembic_version FROM pipeline;
-- Accounts and sessions are the desk's alone: no night and no reader sees a hash or a secret.
REVOKE ALL ON crossmatch.desk_account, crossmatch.desk_session, crossmatch.desk_assignment,
  crossmatch.desk_attachment, crossmatch.desk_filter, crossmatch.desk_export, crossmatch.desk_notice
  FROM pipeline, reader;
