-- What only the server's master user can do, once for each database, before the first migration:
--   psql -v ON_ERROR_STOP=1 -f migrations/bootstrap.sql "postgresql://master@host/name"
-- It can be run again; it changes nothing that is as it should be. The roles get no passwords here: on
-- RDS they log in with IAM tokens, elsewhere ALTER ROLE … PASSWORD gives them one.

DO $$
DECLARE
    role text;
    iam oid := (SELECT oid FROM pg_roles WHERE rolname = 'rds_iam');
    calcom oid := (SELECT relowner FROM pg_class WHERE oid = to_regclass('public."Booking"'));
BEGIN
    FOREACH role IN ARRAY ARRAY['booking_migrator', 'booking_app', 'booking_ops', 'booking_backup',
                               'booking_restore'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS', role);
        END IF;
        IF iam IS NOT NULL AND NOT EXISTS (SELECT FROM pg_auth_members
                                           WHERE roleid = iam AND member = role::regrole) THEN
            EXECUTE format('GRANT rds_iam TO %I', role);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    END LOOP;

    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO booking_migrator', current_database());

    -- Tables are altered by their owner or by a member of it. Where Postgres can tell the two apart, the
    -- migrator has the owner's rights without being able to become the owner.
    IF calcom IS NOT NULL AND calcom <> 'booking_migrator'::regrole
       AND NOT pg_has_role('booking_migrator', calcom, 'USAGE') THEN
        EXECUTE format('GRANT %s TO booking_migrator', calcom::regrole)
            || CASE WHEN current_setting('server_version_num')::int >= 160000
                    THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END;
    END IF;
END $$;

GRANT CREATE ON SCHEMA public TO booking_migrator;

ALTER ROLE booking_app SET statement_timeout = '20s';
ALTER ROLE booking_app SET lock_timeout = '3s';
ALTER ROLE booking_app SET idle_in_transaction_session_timeout = '20s';
ALTER ROLE booking_ops SET statement_timeout = '300s';
ALTER ROLE booking_ops SET lock_timeout = '5s';
ALTER ROLE booking_ops SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE booking_backup SET default_transaction_read_only = 'on';
ALTER ROLE booking_backup SET statement_timeout = '1h';
ALTER ROLE booking_backup SET lock_timeout = '60s';
ALTER ROLE booking_backup SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE booking_restore SET statement_timeout = '1h';
ALTER ROLE booking_restore SET lock_timeout = '60s';
ALTER ROLE booking_restore SET idle_in_transaction_session_timeout = '10min';

CREATE EXTENSION IF NOT EXISTS btree_gist;
