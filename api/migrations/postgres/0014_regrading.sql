-- What is graded once more goes to a lane of its own, which 0001 does not let the outbox name.
ALTER TABLE outbox DROP CONSTRAINT outbox_lane_check;

-- Where a job's messages go, when that is not its kind's own lane.
ALTER TABLE jobs ADD COLUMN lane TEXT;
