package run

import (
	"fmt"
	"io"
	"log"
	"slices"
	"strings"

	"github.com/go-logr/logr"
	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cluster"
)

// newLogger returns a logger that writes every line. controller-runtime's production default samples: at a boundary
// with hundreds of patches it would lose most of what happened.
func newLogger(w io.Writer, level, format string) (logr.Logger, error) {
	threshold, err := zapcore.ParseLevel(level)
	if err != nil {
		return logr.Logger{}, fmt.Errorf("cannot use --log-level %q: use debug, info, warn or error", level)
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	encoding.EncodeDuration = zapcore.StringDurationEncoder
	var encoder zapcore.Encoder
	switch format {
	case "json":
		encoder = zapcore.NewJSONEncoder(encoding)
	case "console":
		encoder = zapcore.NewConsoleEncoder(encoding)
	default:
		return logr.Logger{}, fmt.Errorf("cannot use --log-format %q: use json or console", format)
	}
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), threshold)
	return zapr.NewLogger(zap.New(filtered{core})), nil
}

// logOthers makes what libraries log lines of the logger: controller-runtime, client-go, and HTTP servers.
func logOthers(logger logr.Logger) {
	ctrl.SetLogger(logger)
	klog.SetLogger(logger.WithName("client-go"))
	log.SetFlags(0)
	log.SetOutput(lines{logger})
}

// lines logs whatever is written to it.
type lines struct{ logr.Logger }

// Write implements io.Writer.
func (l lines) Write(line []byte) (int, error) {
	l.Info(strings.TrimSpace(string(line)))
	return len(line), nil
}

// filtered adds to what the API server refuses which right is missing. It drops the line that controller-runtime writes at
// each failing probe: it gives no reason, and every reason has a line of its own, written once. And it reports the end of a
// leader that was asked to end as what it is, no error.
type filtered struct{ zapcore.Core }

// Check implements zapcore.Core.
func (c filtered) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if strings.HasSuffix(entry.LoggerName, "healthz") || !c.Enabled(entry.Level) {
		return checked
	}
	return checked.AddCore(entry, c)
}

// Write implements zapcore.Core.
func (c filtered) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	if entry.Message == "error received after stop sequence was engaged" && slices.ContainsFunc(fields, isElectionLost) {
		entry.Level, entry.Message, entry.Stack, fields = zapcore.InfoLevel, "the leader ends", "", nil
	}
	for _, field := range fields {
		if err, ok := field.Interface.(error); ok && cluster.Advice(err) != "" {
			fields = append(slices.Clip(fields), zap.String("fix", cluster.Advice(err)))
			break
		}
	}
	return c.Core.Write(entry, fields)
}

// isElectionLost reports whether a field is the error with which controller-runtime ends a leader.
func isElectionLost(field zapcore.Field) bool {
	err, ok := field.Interface.(error)
	return ok && err.Error() == "leader election lost"
}

// With implements zapcore.Core.
func (c filtered) With(fields []zapcore.Field) zapcore.Core { return filtered{c.Core.With(fields)} }
