package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
	"github.com/floorkeeper/floorkeeper/controller"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/text"
)

const (
	releaseWorkers = 8                // HPAs that are released at the same time
	releaseTimeout = 30 * time.Second // for each step of one of them, which an interruption does not cut short
)

type releaser struct {
	*options
	client client.Client
	notes  *controller.Notes // of the last leader
	others map[string]int    // the HPAs of each other installation, by its Lease
}

func release(ctx context.Context, o *options, c client.Client, stdout, stderr io.Writer) error {
	locked := o.heedController(ctx, c, stderr)
	if locked != nil && !o.dryRun {
		return locked
	}
	r := &releaser{options: o, client: c, notes: controller.NewNotes()}
	if err := r.readNotes(ctx, stderr); err != nil {
		return err
	}
	rows, err := r.run(ctx)
	printReleased(stdout, stderr, rows)
	r.printOthers(stderr)
	left := len(slices.DeleteFunc(slices.Clone(rows), func(row *released) bool { return row.fine }))
	switch {
	case ctx.Err() != nil:
		return heldError("interrupted; run it again for the rest")
	case err != nil:
		return withExitCode(err)
	case left > 0:
		return heldError("not released: %d of %s", left, text.Count(len(rows), "HorizontalPodAutoscaler"))
	case locked != nil:
		return heldError("without --dry-run this would be refused: %w", locked)
	case len(rows) == 0:
		return r.nothing(ctx, stderr)
	}
	return nil
}

// nothing returns an error where nothing was to be released and the HPAs that are held seem to be those that are meant.
func (r *releaser) nothing(ctx context.Context, stderr io.Writer) error {
	if r.misspelt() {
		return heldError("Deployment %s does not exist, and all HPAs that are held belong to other installations, so nothing is released; is its name misspelt?", r.deployment)
	}
	switch abandoned := r.abandoned(ctx, stderr); {
	case len(abandoned) > 0:
		return heldError("all HPAs that are held belong to other installations, so nothing is released, and of these no controller runs: %s; "+
			"release what they hold, and repeat this", strings.Join(abandoned, ", "))
	case len(r.others) > 0:
		fmt.Fprintln(stderr, "No other HorizontalPodAutoscaler is held.")
	default:
		fmt.Fprintln(stderr, "No HorizontalPodAutoscaler is held.")
	}
	return nil
}

// misspelt reports whether a person seems to have named another Deployment than the one that they mean.
func (r *releaser) misspelt() bool { return r.gone && !r.helmHook && len(r.others) > 0 }

// withExitCode gives an error its exit code: that of a program that could not run where the API server gave no answer.
func withExitCode(err error) error {
	if status := apierrors.APIStatus(nil); errors.As(err, &status) || errors.Is(err, context.Canceled) {
		return heldError("%w", err)
	}
	return err
}

// heldError returns an error with the exit code for something that is or may be held.
func heldError(format string, args ...any) error {
	return cli.ExitError{Code: cli.ExitInvalid, Err: fmt.Errorf(format, args...)}
}

// run releases what is selected, waits a moment, releases the field ownership and lists once more.
func (r *releaser) run(ctx context.Context) ([]*released, error) {
	rows, err := r.selected(ctx)
	if err != nil {
		return nil, err
	}
	each(rows, func(row *released) { r.release(ctx, row) })
	if r.dryRun {
		return rows, nil
	}
	if slices.ContainsFunc(rows, (*released).changed) {
		<-time.After(controller.HandBackDelay)
	}
	each(rows, func(row *released) { r.handBack(ctx, row) })
	if len(r.names) > 0 || ctx.Err() != nil {
		return rows, nil
	}
	now, err := r.selected(ctx)
	for _, row := range now {
		if row.held && !slices.ContainsFunc(rows, func(r *released) bool { return r.key == row.key }) {
			row.result = "raised meanwhile: a controller runs"
			rows = append(rows, row)
		}
	}
	return rows, err
}

func (r *releaser) selected(ctx context.Context) (rows []*released, err error) {
	for _, name := range r.names {
		rows = append(rows, &released{key: name, named: true})
	}
	if len(rows) > 0 {
		return rows, nil
	}
	r.others = map[string]int{}
	for _, namespace := range r.searched() {
		found, err := r.in(ctx, namespace)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// in returns what is to be released in a namespace, or in all of them if it is "".
func (r *releaser) in(ctx context.Context, namespace string) (rows []*released, err error) {
	hpas, err := listHPAs(ctx, r.client, namespace)
	if err != nil {
		return nil, fmt.Errorf("cannot list HorizontalPodAutoscalers: %w", cluster.Advised(err))
	}
	if namespace != "" && len(hpas) == 0 { // a misspelt name would look like a success
		if err := r.client.Get(ctx, client.ObjectKey{Name: namespace}, &corev1.Namespace{}); err != nil {
			return nil, fmt.Errorf("namespace %s has no HorizontalPodAutoscaler; is it misspelt? %w", namespace, err)
		}
	}
	for _, hpa := range hpas {
		held := autoscaler.Recall(&hpa, r.notes.Known(&hpa, nil)).Condition != autoscaler.Free
		switch other := r.otherInstallation(&hpa); {
		case other != "" && held:
			r.others[other]++
		case other != "": // a mark without a floor is nothing to give back
		case held || autoscaler.Leftovers(&hpa):
			rows = append(rows, &released{key: client.ObjectKeyFromObject(&hpa), held: held})
		}
	}
	return rows, nil
}

func (r *releaser) release(ctx context.Context, row *released) {
	if ctx.Err() != nil {
		row.result = "not tried: interrupted"
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	var options []client.PatchOption
	if r.dryRun {
		options = append(options, client.DryRunAll)
	}
	before, after, err := controller.Release(ctx, r.client, row.key, r.notes, options...)
	row.judge(before, after, err, r.dryRun)
}

// handBack finishes what was begun, also after an interruption.
func (r *releaser) handBack(ctx context.Context, row *released) {
	if !row.fine {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	state, err := controller.HandBack(ctx, r.client, row.key)
	switch {
	case apierrors.IsNotFound(err):
		row.result = "deleted meanwhile"
	case err != nil:
		row.result, row.fine = row.result+", but field ownership is not handed back, "+words(err), false
	case r.takenOver(row, state):
		row.result += ", and raised by another installation, " + state.Mark.ManagedBy
	case state.Condition != autoscaler.Free:
		row.result, row.fine = row.result+", and raised again: a controller runs", false
	}
}

// each acts on several rows at the same time, and returns when all is done.
func each(rows []*released, act func(*released)) {
	workqueue.ParallelizeUntil(context.Background(), releaseWorkers, len(rows), func(i int) { act(rows[i]) })
}

type released struct {
	key           types.NamespacedName
	named         bool // on the command line
	held          bool // or damaged, when it was listed; else there is only field ownership to be handed back
	read          bool // before and after are known
	before, after autoscaler.State
	result        string
	fine          bool // nothing is held
}

func (r *released) judge(before, after autoscaler.State, err error, dryRun bool) {
	r.before, r.after = before, after
	r.read = before.MaxReplicas > 0 // at least 1 in every HPA
	switch {
	case apierrors.IsNotFound(err) && r.named && !r.read:
		r.result = "not found"
	case apierrors.IsNotFound(err):
		r.result, r.fine = "deleted meanwhile", true
	case err != nil:
		r.result = words(err)
	default:
		r.result, r.fine = outcome(before, after)
	}
	if dryRun && r.changed() {
		r.result += " (server dry run)"
	}
}

func outcome(before, after autoscaler.State) (result string, fine bool) {
	switch {
	case after.Condition == autoscaler.Damaged && after.Mark.Floor > 0:
		return fmt.Sprintf("damaged: its baseline was %d, left as it is", after.Mark.Baseline), false
	case after.Condition == autoscaler.Damaged:
		return "damaged: its baseline is unknown, left as it is", false
	case after.Condition == autoscaler.Held:
		return "still held: another policy or webhook of the API server changed the patch", false
	case before.Condition == autoscaler.Free:
		return "nothing held", true
	case before.Wish() != after.MinReplicas:
		return fmt.Sprintf("released, to the nearest valid value: the owner's value %d is not valid", before.Wish()), true
	default:
		return "released", true
	}
}

func (r *released) changed() bool { return r.read && r.before != r.after }

func words(err error) string {
	said := "failed: " + err.Error()
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		said = "refused: " + status.Status().Message
	}
	if advice := cluster.Advice(err); advice != "" {
		said += "; " + advice
	}
	return strings.Join(strings.Fields(said), " ")
}

func printReleased(stdout, stderr io.Writer, rows []*released) {
	if len(rows) == 0 {
		return
	}
	slices.SortFunc(rows, func(a, b *released) int {
		return cmp.Or(cmp.Compare(a.key.Namespace, b.key.Namespace), cmp.Compare(a.key.Name, b.key.Name))
	})
	table := tabwriter.NewWriter(stdout, 0, 8, 3, ' ', 0)
	fmt.Fprintln(table, "NAMESPACE\tNAME\tFROM\tTO\tRESULT")
	for _, r := range rows {
		from, to := "-", "-"
		if r.read {
			from, to = strconv.Itoa(int(r.before.MinReplicas)), strconv.Itoa(int(r.after.MinReplicas))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.key.Namespace, r.key.Name, from, to, r.result)
	}
	_ = table.Flush() // standard output, as with every other line
	for _, r := range rows {
		if !r.read || r.after.Condition != autoscaler.Damaged {
			continue
		}
		baseline, instead := "N", "N"
		if noted := r.after.Mark; noted.Floor > 0 {
			baseline = strconv.Itoa(int(noted.Baseline))
			instead = baseline + ", which it was before the floor of " + strconv.Itoa(int(noted.Floor))
		}
		fmt.Fprintf(stderr, `
%s is damaged. Say which minReplicas it should have, in place of %s, and release it again:
kubectl -n %s annotate hpa %s %s=%s --overwrite
`, r.key, instead, r.key.Namespace, r.key.Name, autoscaler.AnnotationDeclaredBaseline, baseline)
	}
}
