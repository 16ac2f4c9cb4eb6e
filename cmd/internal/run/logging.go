package run

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-logr/logr"
	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
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

// filtered drops the line that controller-runtime writes at each failing probe: it gives no reason, and every reason has
// a line of its own, written once. And it reports the end of a leader that was asked to end as what it is, no error.
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
	return c.Core.Write(entry, fields)
}

// isElectionLost reports whether a field is the error with which controller-runtime ends a leader.
func isElectionLost(field zapcore.Field) bool {
	err, ok := field.Interface.(error)
	return ok && err.Error() == "leader election lost"
}

// With implements zapcore.Core.
func (c filtered) With(fields []zapcore.Field) zapcore.Core { return filtered{c.Core.With(fields)} }
