package binaries

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// published, in place of a SHA-256, means the one that the download site has beside the file.
const published = "published"

// How long a download site may take, and how often a download that is cut goes on.
const (
	dialTimeout   = 3 * time.Second
	answerTimeout = 5 * time.Second
	attempts      = 5
)

//go:embed downloads.txt
var releases string

// download is a release file.
type download struct {
	name string // The target; an archive holds it under this name.
	sum  string // Its SHA-256 in hexadecimal, or published.
	url  string
}

// partial is where what has come of it is kept.
func (f download) partial(dir string) string { return filepath.Join(dir, f.name+".download") }

// downloads reads from lines, as in downloads.txt, those for a machine, such as linux/amd64, that are among the targets.
func downloads(lines, machine string, wanted []string) []download {
	var list []download
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) != 4 || words[0] != machine {
			continue
		}
		for _, name := range wanted {
			if words[1] == name {
				list = append(list, download{name, words[2], words[3]})
			}
		}
	}
	return list
}

// downloader puts release files into dir.
type downloader struct {
	dir      string
	printf   func(format string, args ...any)
	interval time.Duration // How often it reports. Two intervals below the rate end it.
	rate     int64         // The bytes per second below which a build is the shorter way.

	done, total atomic.Int64 // In bytes; the total grows with each answer.
}

// fetchOr downloads the files, and builds instead if there are none or they cannot be had.
func (d *downloader) fetchOr(ctx context.Context, list []download, build func(context.Context) error) error {
	if len(list) == 0 {
		return build(ctx)
	}
	began := time.Now()
	d.printf("downloading the control plane into %s; FLOORKEEPER_BUILD=1 builds it from source instead", d.dir)
	err := d.fetch(ctx, list)
	if err == nil {
		d.printf("downloaded the control plane in %s", time.Since(began).Round(time.Second))
		return nil
	}
	if ctx.Err() != nil {
		return err
	}
	d.printf("%v", err)
	d.printf("builds from source instead; to download again, interrupt and repeat")
	if err := build(ctx); err != nil {
		return err
	}
	for _, f := range list {
		_ = os.Remove(f.partial(d.dir))
	}
	return nil
}

// fetch downloads all files at once, and ends all with the first that fails. A file that is complete is kept, what has
// come of the others is continued by the next call.
func (d *downloader) fetch(ctx context.Context, list []download) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	client := newClient()
	defer client.CloseIdleConnections()
	ended := make(chan error)
	for _, f := range list {
		go func() { ended <- d.fetchOne(ctx, client, f) }()
	}
	ticker := time.NewTicker(d.interval)
	defer ticker.Stop()
	var last int64
	for left, slow := len(list), 0; left > 0; {
		select {
		case err := <-ended:
			left--
			if err != nil {
				cancel(err) // The first cause stays.
			}
		case <-ticker.C:
			done := d.done.Load()
			speed := float64(done-last) / d.interval.Seconds()
			d.printf("downloaded %d of %d MB, %.1f MB/s", done>>20, d.total.Load()>>20, speed/(1<<20))
			if slow++; speed >= float64(d.rate) {
				slow = 0
			}
			if last = done; slow == 2 {
				cancel(fmt.Errorf("the download sites are too slow: %.0f kB/s", speed/1000))
			}
		}
	}
	return context.Cause(ctx)
}

// newClient returns a client that soon notices a site that does not answer, and that never leaves HTTPS.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout:   answerTimeout,
			ResponseHeaderTimeout: answerTimeout,
			DisableCompression:    true, // A range is one of the file itself.
			ForceAttemptHTTP2:     true,
		},
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if to.URL.Scheme != via[0].URL.Scheme || len(via) > 5 {
				return fmt.Errorf("cannot follow the redirect to %s", to.URL)
			}
			return nil
		},
	}
}

// fetchOne downloads a file under a temporary name and gives it its name once its SHA-256 is right.
func (d *downloader) fetchOne(ctx context.Context, client *http.Client, f download) error {
	sum, err := f.sum, error(nil)
	if sum == published {
		if sum, err = publishedSum(ctx, client, f.url); err != nil {
			return err
		}
	}
	file, partial := filepath.Join(d.dir, f.name), f.partial(d.dir)
	_, absent := os.Stat(partial)
	for range attempts {
		var cut bool
		if cut, err = d.receive(ctx, client, f.url, partial); !cut {
			break
		}
	}
	if err != nil {
		return err
	}
	if err := verify(partial, sum); err != nil {
		err = errors.Join(fmt.Errorf("cannot use %s: %w", f.url, err), os.Remove(partial))
		if absent == nil { // It began with what an earlier call had left.
			return d.fetchOne(ctx, client, f)
		}
		return err
	}
	if strings.HasSuffix(f.url, ".tar.gz") {
		archive := partial
		partial = file + ".partial"
		if err := errors.Join(unpack(archive, f.name, partial), os.Remove(archive)); err != nil {
			return fmt.Errorf("cannot unpack %s: %w", f.url, err)
		}
	}
	if err := os.Chmod(partial, 0o755); err != nil {
		return err
	}
	return os.Rename(partial, file)
}

// publishedSum asks the site for the SHA-256 of a file.
func publishedSum(ctx context.Context, client *http.Client, url string) (string, error) {
	resp, err := get(ctx, client, url+".sha256", 0)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1000))
	sum := strings.TrimSpace(string(text))
	if raw, bad := hex.DecodeString(sum); err == nil && (bad != nil || len(raw) != sha256.Size) {
		err = errors.New("it is no SHA-256")
	}
	if err != nil {
		return "", fmt.Errorf("cannot read %s.sha256: %w", url, err)
	}
	return sum, nil
}

// receive appends to a file what it lacks of the one at an address. It reports whether the answer was cut, so that it is
// worth to go on.
func (d *downloader) receive(ctx context.Context, client *http.Client, url, file string) (cut bool, err error) {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return false, fmt.Errorf("cannot write a download: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	from, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	resp, err := get(ctx, client, url, from)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return false, nil // It was complete, or its SHA-256 is wrong.
	}
	if resp.StatusCode == http.StatusOK {
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			return false, err
		}
		if err := out.Truncate(0); err != nil {
			return false, err
		}
	}
	d.total.Add(max(0, resp.ContentLength))
	n, err := io.Copy(out, io.TeeReader(resp.Body, counter{&d.done}))
	if err != nil {
		d.total.Add(n - max(0, resp.ContentLength)) // What is left is counted by the next answer.
		return n > 0 && ctx.Err() == nil, fmt.Errorf("cannot download %s: %w", url, err)
	}
	return false, nil
}

// get asks for a file from an offset on, and takes only an answer that has it.
func get(ctx context.Context, client *http.Client, url string, from int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	code := resp.StatusCode
	if code == http.StatusOK || from > 0 && (code == http.StatusPartialContent || code == http.StatusRequestedRangeNotSatisfiable) {
		return resp, nil
	}
	return nil, errors.Join(fmt.Errorf("cannot download %s: %s", url, resp.Status), resp.Body.Close())
}

// counter counts the bytes that are written to it.
type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// verify compares a file with the SHA-256 that it must have.
func verify(file, sum string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		return fmt.Errorf("its SHA-256 is %s, want %s", got, sum)
	}
	return nil
}

// unpack writes the file of a name, in whatever folder of an archive, to another file.
func unpack(archive, name, file string) error {
	in, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer in.Close()
	unzipped, err := gzip.NewReader(bufio.NewReader(in))
	if err != nil {
		return err
	}
	for entries := tar.NewReader(unzipped); ; {
		entry, err := entries.Next()
		if err != nil {
			return fmt.Errorf("cannot find %s: %w", name, err)
		}
		if entry.Typeflag != tar.TypeReg || path.Base(entry.Name) != name {
			continue
		}
		out, err := os.Create(file)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, entries)
		return errors.Join(err, out.Close())
	}
}
