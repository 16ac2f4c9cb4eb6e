package run

import (
	"fmt"
	"io"
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
	return zapr.NewLogger(zap.New(withoutProbes{core})), nil
}

// withoutProbes drops the line that controller-runtime writes at each failing probe. It gives no reason, and every
// reason has a line of its own, written once.
type withoutProbes struct{ zapcore.Core }

// Check implements zapcore.Core.
func (c withoutProbes) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if strings.HasSuffix(entry.LoggerName, "healthz") {
		return checked
	}
	return c.Core.Check(entry, checked)
}

// With implements zapcore.Core.
func (c withoutProbes) With(fields []zapcore.Field) zapcore.Core {
	return withoutProbes{c.Core.With(fields)}
}
