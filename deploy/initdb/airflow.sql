-- Airflow keeps its own records in a database of its own, beside the benefit database.
CREATE DATABASE airflow;
