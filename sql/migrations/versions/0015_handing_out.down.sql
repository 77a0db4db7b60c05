DROP INDEX reply_deadline_day;
DROP TABLE notice_counter;
DROP TABLE reply_deadline;
