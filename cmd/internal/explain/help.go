package explain

const help = `Say which entries of a schedule are open for a HorizontalPodAutoscaler (HPA) at an instant, what each asks
for, which of them applies and why, what maxReplicas does to it, where the baseline comes from, what happens
next, which other entries select the HPA and when they open. Where none selects it: which come close.

SCHEDULE is a schedule file, a directory of them, a ConfigMap manifest that holds one, or - for standard
input. All arguments together are one schedule.

The HPA is looked up in manifests (--hpas) or in the cluster (--live), where its namespace alone is read.
Without either it is taken to have the --baseline, --max-replicas and --labels that you give.

--at is RFC 3339 (2026-12-18T20:00:00+01:00), the wall clock of --tz (2026-12-18T20:00), a date or "now". Where
a change of the clock makes a wall clock time happen twice or not at all, the earlier reading is taken, as
for the start of an entry, and that is said.

Fields of -o json: at, reading (of an --at that clocks show twice or never), hpa {namespace, name, source,
baseline, baselineFrom, minReplicas, maxReplicas, refusal}, minReplicas, floor, entry (what applies),
clamped, claims[] {entry, kind, floor, full, ramp, position, amount, opens, from, to, closes, applies, why},
next[] {time, minReplicasBefore, minReplicas, steps, until, why}, waiting[] {entry, opens, note} and near[].

Exit codes: 0 fine, 1 the schedule is invalid, 2 there is no such HPA, or the command line is wrong.`

const examples = `  floorkeeper explain schedule.yaml --live --hpa video/images
  floorkeeper explain schedule.yaml --hpas hpas.yaml --hpa video/images --at 2026-12-18T20:00
  floorkeeper explain schedule.yaml --hpa video/images --baseline 4 --labels prescale=front --at 2026-12-18T20:00:00Z
  kubectl -n floorkeeper get configmap floorkeeper-schedule -o yaml | floorkeeper explain - --live --hpa video/images`
