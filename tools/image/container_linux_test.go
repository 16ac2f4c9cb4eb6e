package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const (
	containerVariable = "FLOORKEEPER_IMAGE_CONTAINER" // the root of the container that the test program is to become
	user              = 65532
)

func TestVersionInContainer(t *testing.T) {
	out, err := unpack(t).run("", "version", "--output=json")
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Version, Commit, Platform string }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.Version != version || got.Commit != commit || got.Platform != "linux/"+runtime.GOARCH {
		t.Errorf("%+v, want version, commit and platform of the image", got)
	}
}

// No zone file is in the image, so that the zones come from the binary.
func TestTimeZonesInContainer(t *testing.T) {
	const schedule = `apiVersion: floorkeeper.dev/v1
kind: Schedule
timeZone: %s
windows:
  - name: evening
    start: "19:30"
    end: "00:30"
    targets:
      - {namespace: video, name: images, minReplicas: 25}
`
	container := unpack(t)
	for zone, valid := range map[string]bool{"Europe/Berlin": true, "America/Argentina/ComodRivadavia": true, "Europe/Atlantis": false} {
		out, err := container.run(fmt.Sprintf(schedule, zone), "validate", "-")
		if valid != (err == nil) {
			t.Errorf("validate with the zone %s: %v: %s", zone, err, out)
		} else if !valid && !strings.Contains(err.Error(), zone) {
			t.Errorf("%v, want an error about the zone", err)
		}
	}
}

// The program trusts the certificates of the image, and no others.
func TestCertificatesInContainer(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusForbidden)
	}))
	server.Config.ErrorLog = log.New(t.Output(), "", 0) // of refused certificates
	server.StartTLS()
	defer server.Close()
	container := unpack(t)
	status := func() string {
		_, err := container.run("", "status", "--all-namespaces", "--server="+server.URL)
		return fmt.Sprint(err)
	}
	if err := status(); !strings.Contains(err, "certificate signed by unknown authority") || requests.Load() > 0 {
		t.Errorf("a server with a certificate of its own was asked %d times: %s", requests.Load(), err)
	}
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	writeFile(t, filepath.Join(container.root, "etc/ssl/certs/ca-certificates.crt"), string(own))
	if err := status(); strings.Contains(err, "certificate") || requests.Load() == 0 {
		t.Errorf("a server with a certificate of the bundle was asked %d times: %s", requests.Load(), err)
	}
}

// container is a container of the image, as a kubelet runs it: the image's files, its user and a read-only root.
type container struct{ root string }

// unpack puts the files of the image for this machine into an empty folder.
func unpack(t *testing.T) container {
	t.Helper()
	c := container{t.TempDir()}
	image := images(t)["linux/"+runtime.GOARCH]
	if image == nil {
		t.Fatalf("there is no image for this machine, linux/%s", runtime.GOARCH)
	}
	errs := []error{os.Chmod(c.root, 0o755)}
	for _, f := range files(t, image) {
		name := filepath.Join(c.root, f.Name)
		if f.FileInfo().IsDir() {
			errs = append(errs, os.MkdirAll(name, 0o755))
		} else {
			errs = append(errs, os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, f.data, f.FileInfo().Mode()))
		}
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs the entrypoint in the container, and returns what it printed; the error has what it printed to standard error.
// The test program becomes the container. Whoever is not root needs a namespace of users for that.
func (c container) run(stdin string, args ...string) (string, error) {
	self := exec.Command("/proc/self/exe", args...)
	self.Env = []string{containerVariable + "=" + c.root}
	self.Stdin = strings.NewReader(stdin)
	if os.Geteuid() != 0 {
		self.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  unix.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: os.Geteuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: os.Getegid(), Size: 1}},
			AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SYS_CHROOT},
		}
	}
	var out, problems bytes.Buffer
	self.Stdout, self.Stderr = &out, &problems
	err := self.Run()
	if err != nil {
		err = fmt.Errorf("%q: %w: %s", args, err, problems.String())
		if self.Process == nil {
			err = fmt.Errorf("%w%s", err, remedy)
		}
	}
	return out.String(), err
}

const remedy = "run the test as root, or allow user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0"

// enter makes this process the container with a root, and returns only if it cannot.
func enter(root string, args []string) error {
	runtime.LockOSThread() // namespaces and capabilities are those of a thread
	// Root in a container of a CI service may not mount. Nothing in the root belongs to the user, who cannot write there even so.
	if err := protect(root); err != nil && (os.Getuid() != 0 || !errors.Is(err, unix.EPERM)) {
		return fmt.Errorf("cannot make the root read-only: %w: %s", err, remedy)
	}
	if err := errors.Join(unix.Chroot(root), unix.Chdir("/"), becomeUser()); err != nil {
		return fmt.Errorf("cannot make a container: %w: %s", err, remedy)
	}
	if os.Getuid() != user || os.Getgid() != user {
		return fmt.Errorf("the user of the container is %d:%d, want %d", os.Getuid(), os.Getgid(), user)
	}
	if err := os.WriteFile("/written", nil, 0o644); !errors.Is(err, unix.EROFS) && !errors.Is(err, unix.EACCES) {
		return fmt.Errorf("a write to the root of the container: %w, want that it is read-only", err)
	}
	return unix.Exec("/floorkeeper", append([]string{"/floorkeeper"}, args...), nil)
}

// protect mounts a folder onto itself, read-only, for this process alone.
func protect(folder string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount(folder, folder, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	return unix.Mount("", folder, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, "")
}

// becomeUser gives up all rights.
func becomeUser() error {
	err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	if os.Getuid() == user {
		return err
	}
	return errors.Join(err, syscall.Setgroups(nil), syscall.Setgid(user), syscall.Setuid(user))
}
