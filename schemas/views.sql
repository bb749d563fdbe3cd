-- The public views: the way to read a lab's database with other tools.
-- Lower-case columns; codes in place of identifiers; times as ISO 8601 text in UTC; voided rows left out.
-- Every lab's database has them already; this file documents them, as on SQLite. On PostgreSQL they have the
-- same names and columns.
-- Generated from labdb/views.py by: labdb schema --write schemas

-- One row is a synthesis batch, with how many of its planned steps are done and how many deviated.
CREATE VIEW batches AS
SELECT b.code, b.composition, b.label, p.code AS protocol, b.target_w, strftime('%Y-%m-%dT%H:%M:%SZ', b.started_at) AS started_at,
       b.operator,
       (SELECT count(*) FROM protocol_step q WHERE q.protocol_id = b.protocol_id) AS steps_planned,
       (SELECT count(*) FROM step s WHERE s.batch_id = b.id AND s.void_change_id IS NULL
       AND s.state = 'finished') AS steps_finished,
       (SELECT count(*) FROM step s WHERE s.batch_id = b.id AND s.void_change_id IS NULL
       AND s.deviation IS NOT NULL) AS deviations,
       (SELECT count(*) FROM sample m WHERE m.batch_id = b.id) AS samples,
       b.origin, b.origin_note
  FROM batch b LEFT JOIN protocol p ON p.id = b.protocol_id;

-- One row is a step of a batch as it was done, beside what its protocol planned.
CREATE VIEW steps AS
SELECT b.code AS batch, s.seq, s.kind, s.state, strftime('%Y-%m-%dT%H:%M:%SZ', s.started_at) AS started_at,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.finished_at) AS finished_at,
       s.temperature_degc, q.temperature_degc AS planned_temperature_degc, q.temperature_tolerance_degc,
       s.ramp_degc_per_min, q.ramp_degc_per_min AS planned_ramp_degc_per_min, q.ramp_tolerance_degc_per_min,
       s.dwell_min, q.dwell_min AS planned_dwell_min, q.dwell_tolerance_min,
       s.detail, i.code AS instrument, s.operator, s.deviation, s.deviation_reason, s.origin, s.origin_note
  FROM step s JOIN batch b ON b.id = s.batch_id
  LEFT JOIN protocol_step q ON q.protocol_id = b.protocol_id AND q.seq = s.seq
  LEFT JOIN instrument i ON i.id = s.instrument_id
 WHERE s.void_change_id IS NULL;

-- One row is what was weighed or measured into a batch, planned and actual.
CREATE VIEW weighings AS
SELECT b.code AS batch, c.name AS chemical, c.formula, c.role, l.code AS lot, l.purity_percent, w.planned,
       w.amount, w.u, w.unit,
       i.code AS instrument, strftime('%Y-%m-%dT%H:%M:%SZ', h.at) AS recorded_at, w.origin, w.origin_note
  FROM weighing w JOIN batch b ON b.id = w.batch_id JOIN chemical c ON c.id = w.chemical_id
  JOIN change h ON h.id = w.change_id
  LEFT JOIN lot l ON l.id = w.lot_id LEFT JOIN instrument i ON i.id = w.instrument_id
 WHERE w.void_change_id IS NULL;

-- One row is a sample; amounts in mg, mL or pieces; the particle loading where it is a suspension.
CREATE VIEW samples AS
SELECT s.code, s.kind, b.code AS batch, coalesce(s.composition, b.composition) AS composition, s.role,
       CAST(s.amount AS double precision)
       / CASE s.amount_unit WHEN 'ng' THEN 1e6 WHEN 'pL' THEN 1e9 ELSE 1.0 END AS amount,
       CAST(s.u_amount AS double precision)
       / CASE s.amount_unit WHEN 'ng' THEN 1e6 WHEN 'pL' THEN 1e9 ELSE 1.0 END AS u_amount,
       CAST(s.amount - s.handed_out AS double precision)
       / CASE s.amount_unit WHEN 'ng' THEN 1e6 WHEN 'pL' THEN 1e9 ELSE 1.0 END AS amount_left,
       CASE s.amount_unit WHEN 'ng' THEN 'mg' WHEN 'pL' THEN 'mL' ELSE s.amount_unit END AS amount_unit,
       s.perovskite_mass_fraction, s.u_perovskite_mass_fraction, u.medium, u.particle_loading_mg_per_ml,
       u.u_particle_loading_mg_per_ml,
       c.code AS condition, s.vial, a.code AS alternative_of, strftime('%Y-%m-%dT%H:%M:%SZ', s.made_at) AS made_at, s.operator,
       i.code AS instrument, s.origin, s.origin_note
  FROM sample s LEFT JOIN batch b ON b.id = s.batch_id LEFT JOIN condition c ON c.id = s.condition_id
  LEFT JOIN sample a ON a.id = s.alternative_of_id LEFT JOIN instrument i ON i.id = s.instrument_id
  LEFT JOIN suspension u ON u.sample_id = s.id AND u.void_change_id IS NULL;

-- One row is how much of a parent sample went into a child, in mg, mL or pieces of the parent.
CREATE VIEW sample_origins AS
SELECT c.code AS child, p.code AS parent,
       CAST(o.taken AS double precision)
       / CASE p.amount_unit WHEN 'ng' THEN 1e6 WHEN 'pL' THEN 1e9 ELSE 1.0 END AS taken,
       CASE p.amount_unit WHEN 'ng' THEN 'mg' WHEN 'pL' THEN 'mL' ELSE p.amount_unit END AS unit
  FROM sample_origin o JOIN sample c ON c.id = o.child_id JOIN sample p ON p.id = o.parent_id
 WHERE o.void_change_id IS NULL;

-- One row is one scalar result with its measurement: sample, condition, age, method, run, file and line.
CREATE VIEW observations AS
SELECT m.code AS measurement, m.kind AS measurement_kind, s.code AS sample, b.code AS batch,
       coalesce(s.composition, b.composition) AS composition, r.kind AS quantity, r.value, r.unit, r.u, r.u_origin,
       r.censoring,
       r.threshold_meaning, r.n, r.missing_reason, r.as_entered, strftime('%Y-%m-%dT%H:%M:%SZ', m.measured_at) AS measured_at, m.age_d,
       c.code AS condition,
       y.code AS study, m.vial, m.replicate, t.code AS leach_test, d.code AS method, n.code AS run,
       i.code AS instrument, m.operator,
       f.sha256 AS raw_file, f.name AS raw_file_name, m.place, r.origin, r.origin_note
  FROM result r JOIN measurement m ON m.id = r.measurement_id AND m.void_change_id IS NULL
  JOIN sample s ON s.id = m.sample_id LEFT JOIN batch b ON b.id = s.batch_id
  LEFT JOIN condition c ON c.id = m.condition_id LEFT JOIN study y ON y.id = m.study_id
  LEFT JOIN icp_reading k ON k.measurement_id = m.id AND k.void_change_id IS NULL
  LEFT JOIN leach_test t ON t.id = k.leach_test_id
  LEFT JOIN method d ON d.id = m.method_id LEFT JOIN run n ON n.id = m.run_id
  LEFT JOIN instrument i ON i.id = m.instrument_id
  LEFT JOIN raw_file f ON f.id = m.raw_file_id
 WHERE r.void_change_id IS NULL;

-- One row is one curve with its measurement; the arrays themselves are in table trace as little-endian float64.
CREATE VIEW curves AS
SELECT m.code AS measurement, m.kind AS measurement_kind, s.code AS sample, b.code AS batch, t.x_kind,
       t.x_unit, t.y_kind, t.y_unit,
       t.points, t.sha256, strftime('%Y-%m-%dT%H:%M:%SZ', m.measured_at) AS measured_at, m.age_d, c.code AS condition, m.vial,
       f.sha256 AS raw_file,
       f.name AS raw_file_name, m.place, t.origin
  FROM trace t JOIN measurement m ON m.id = t.measurement_id AND m.void_change_id IS NULL
  JOIN sample s ON s.id = m.sample_id LEFT JOIN batch b ON b.id = s.batch_id
  LEFT JOIN condition c ON c.id = m.condition_id
  LEFT JOIN raw_file f ON f.id = m.raw_file_id
 WHERE t.void_change_id IS NULL;

-- One row is an exposure of a sample to X-rays; its dose where it is measured or stated.
CREATE VIEW irradiations AS
SELECT i.code, s.code AS sample, i.purpose, i.dose_origin, i.dose_gy, i.u_dose_gy, i.tube_voltage_kv,
       i.e_max_kev, i.anode,
       i.beam_filter, i.reference_point, i.medium, strftime('%Y-%m-%dT%H:%M:%SZ', i.started_at) AS started_at, n.code AS instrument, i.operator,
       i.origin, i.origin_note
  FROM irradiation i JOIN sample s ON s.id = i.sample_id LEFT JOIN instrument n ON n.id = i.instrument_id
 WHERE i.void_change_id IS NULL;

-- One row is a stretch of an exposure with the beam on or off.
CREATE VIEW beam_segments AS
SELECT i.code AS irradiation, g.seq, g.start_s, g.stop_s, g.beam_on AS beam_on,
       g.dose_rate_gy_per_s, g.u_dose_rate_gy_per_s,
       c.code AS calibration
  FROM beam_segment g JOIN irradiation i ON i.id = g.irradiation_id AND i.void_change_id IS NULL
  LEFT JOIN calibration c ON c.id = g.calibration_id
 WHERE g.void_change_id IS NULL;

-- One row is a leach test in one reading of its source.
CREATE VIEW leach_tests AS
SELECT t.code, t.experiment, s.code AS sample, a.code AS alternative_of, t.leachant, t.duration_d,
       u.particle_loading_mg_per_ml,
       u.u_particle_loading_mg_per_ml, t.ph_start, t.ph_end, t.temperature_degc, t.agitation, t.vessel, t.separation,
       t.acidification,
       t.lead_measured, t.pull,
       t.whole_suspension_pulled AS whole_suspension_pulled, t.medium_renewed AS medium_renewed,
       t.spike_recovery_percent,
       k.code AS method_blank,
       strftime('%Y-%m-%dT%H:%M:%SZ', t.started_at) AS started_at, t.operator, t.origin, t.origin_note
  FROM leach_test t JOIN sample s ON s.id = t.sample_id LEFT JOIN leach_test a ON a.id = t.alternative_of_id
  LEFT JOIN suspension u ON u.sample_id = s.id AND u.void_change_id IS NULL
  LEFT JOIN sample k ON k.id = t.method_blank_id;

-- One row is a stability study.
CREATE VIEW studies AS
SELECT y.code, y.name, s.code AS sample, c.code AS condition, strftime('%Y-%m-%dT%H:%M:%SZ', y.started_at) AS started_at, y.measure,
       y.window_d, y.operator
  FROM study y JOIN sample s ON s.id = y.sample_id JOIN condition c ON c.id = y.condition_id;

-- One row is a planned pull of a study, and what became of it; the reason is the one given when it was recorded or missed.
CREATE VIEW pulls AS
SELECT y.code AS study, s.code AS sample, q.age_d, y.window_d, strftime('%Y-%m-%dT%H:%M:%SZ', y.started_at) AS study_started_at,
       p.state,
       strftime('%Y-%m-%dT%H:%M:%SZ', p.pulled_at) AS pulled_at, p.vial, h.reason
  FROM planned_pull q JOIN study y ON y.id = q.study_id JOIN sample s ON s.id = y.sample_id
  LEFT JOIN pull p ON p.planned_pull_id = q.id AND p.void_change_id IS NULL
  LEFT JOIN change h ON h.id = p.change_id;

-- One row is a storage or measuring condition.
CREATE VIEW conditions AS
SELECT code, medium, solute, amount_concentration_mol_per_l, relative_humidity_percent, ph_reported,
       ph_measured, temperature_degc,
       light, origin, origin_note FROM condition;

-- One row is what a source says about a subject.
CREATE VIEW statements AS
SELECT t.code, j.subject, t.about, t.qualifier, t.content, t.unit, t.u, t.coverage, t.place, t.words,
       t.alternative_of, t.origin
  FROM statement t JOIN statement_subject j ON j.statement_id = t.id WHERE t.void_change_id IS NULL;

-- One row is a stored verdict.
CREATE VIEW verdicts AS
SELECT v.code, v.subject, v.measurand, v.limit_id, v.decision, v.scope, v.outcome, v.wording, v.value,
       v.unit, v.u, v.censoring, v.n,
       v.guard, v.margin, v.effective_bound, v.u_that_would_decide, v.reason, v.next_step, v.assumption,
       strftime('%Y-%m-%dT%H:%M:%SZ', h.at) AS judged_at, h.actor
  FROM verdict v JOIN change h ON h.id = v.change_id WHERE v.void_change_id IS NULL;

-- One row is an instrument with the last day its calibration covers.
CREATE VIEW instruments AS
SELECT i.code, i.what, i.model, i.serial_number, i.location,
       (SELECT max(c.valid_to) FROM calibration c WHERE c.instrument_id = i.id
       AND c.void_change_id IS NULL) AS calibrated_to
  FROM instrument i;

-- One row is an intake run: what it read, how many rows it brought in, whether it was undone.
CREATE VIEW intakes AS
SELECT r.code, r.files, r.rows, strftime('%Y-%m-%dT%H:%M:%SZ', h.at) AS at, h.actor, h.reason,
       CASE WHEN r.void_change_id IS NULL THEN 0 ELSE 1 END AS undone
  FROM intake_run r JOIN change h ON h.id = r.change_id;

-- One row is a change: who wrote, when, why.
CREATE VIEW changes AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', h.at) AS at, h.actor, h.reason, h.labdb_version FROM change h;
