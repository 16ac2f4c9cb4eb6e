package plan

const help = `Show what a schedule will do over a range of time: a lane and every change of every
HorizontalPodAutoscaler (HPA), with its baseline, its floor and the entry that is the reason; then
findings (floors that maxReplicas clamps, targets that match nothing, changes of clocks, ...); then the Pods, CPU and memory that floors add over the baselines at their peak. It runs the code of the controller and changes
nothing.

SCHEDULE is a schedule file, a directory of them, a ConfigMap manifest that holds one, or - for standard
input. All arguments together are one schedule.

Without --hpas and --live the HPAs are unknown: each target of the schedule becomes a placeholder with a
baseline of 1, or of 100 if an entry asks for a percentage, and there are no sums. CPU and memory
are what the Pod templates request: with --hpas give the manifests of Deployments and StatefulSets too.

Reading the text: a column of a lane is as much time as any other, also on days of 23 and 25 hours, and
changes of the clock are marked. Below,
  19:20 CET   window prime-time opens
              raise       4 -> 25    video/{images,player}
says that minReplicas of two HPAs rises from 4 to 25 because the window opens (its leadTime included). The
verbs: raise, lower, release (the baseline is given back), hold (the baseline is above the floor already)
and stay (another entry becomes the reason). A ramp is one line, unless you ask for --steps.

Fields of -o json:
` + jsonFields + `

Exit codes: 0 fine, 1 the schedule is invalid, 2 something cannot be read or the command line is wrong,
3 there are warnings and --fail-on-warn is given.`

const examples = `  floorkeeper plan schedule.yaml
  floorkeeper plan schedule.yaml --live --for 2d
  floorkeeper plan schedules/ --hpas hpas.yaml,deployments.yaml --from 2026-12-18 --for 1d
  helm template shop/ | floorkeeper plan schedule.yaml --hpas - -o markdown > comment.md
  floorkeeper plan schedule.yaml --live -o json | jq -r '.changes[] | select(.clamped) | .namespace + "/" + .name'
  floorkeeper plan schedule.yaml --for 90d -o ics > floors.ics
  floorkeeper plan schedule.yaml --hpas hpas.yaml -o html > night.html
  floorkeeper plan schedule.yaml --live --serve 127.0.0.1:0`
