//go:build linux

// Package lockdown takes away from the process what rendering does not need: files, programs, the network, the environment
// and most memory. What strangers wrote then cannot use them, whatever a library does with it.
package lockdown

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// allowed are the system calls of Go's runtime and of reading and writing the standard streams. All others answer EPERM:
// opening files, starting programs, sockets. (https://docs.kernel.org/userspace-api/seccomp_filter.html)
var allowed = []string{
	"read", "write", "close", "fcntl",
	"mmap", "munmap", "madvise", "mprotect", "brk",
	"futex", "sched_yield", "nanosleep", "clock_nanosleep", "clock_gettime", "gettimeofday",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
	"gettid", "getpid", "sched_getaffinity", "getrandom",
	"epoll_create1", "epoll_ctl", "epoll_pwait", "eventfd2",
	"exit", "exit_group",
}

// threads: with these flags, clone makes a thread and no process.
const threads = unix.CLONE_VM | unix.CLONE_THREAD

// Limit bounds memory in bytes and forbids core files. RLIMIT_DATA counts what can be written, and not what Go only
// reserves.
func Limit(memory uint64) error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("RLIMIT_CORE: %w", err)
	}
	limit := unix.Rlimit{Cur: memory, Max: memory}
	if err := unix.Setrlimit(unix.RLIMIT_DATA, &limit); err != nil {
		return fmt.Errorf("RLIMIT_DATA: %w", err)
	}
	return nil
}

// Enter forbids, for this process and for good, what rendering does not need.
func Enter() error {
	os.Clearenv()
	closeInherited()
	pid := uint64(os.Getpid())
	filter := seccomp.Filter{
		NoNewPrivs: true,
		// All threads, also those that Go's runtime has started already.
		Flag: seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionErrno,
			Syscalls: []seccomp.SyscallGroup{{
				Action: seccomp.ActionAllow,
				Names:  allowed,
				NamesWithCondtions: []seccomp.NameWithConditions{
					{Name: "clone", Conditions: []seccomp.Condition{
						{Argument: 0, Operation: seccomp.BitsSet, Value: threads},
					}},
					// Go's runtime interrupts its own threads.
					{Name: "tgkill", Conditions: []seccomp.Condition{
						{Argument: 0, Operation: seccomp.Equal, Value: pid},
					}},
				},
			}},
		},
	}
	if err := seccomp.LoadFilter(filter); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	return probe()
}

// closeInherited closes what the parent may have left open; the runtime's own descriptors wait for events.
func closeInherited() {
	const folder = "/proc/self/fd/"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		target, _ := os.Readlink(folder + entry.Name())
		if err == nil && fd > 2 && !strings.HasPrefix(target, "anon_inode:") {
			_ = unix.Close(fd)
		}
	}
}

// probe makes sure that the filter does what it is for.
func probe() error {
	if fd, err := unix.Open("/", unix.O_RDONLY, 0); err == nil {
		_ = unix.Close(fd)
		return fmt.Errorf("files can still be opened")
	}
	if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err == nil {
		_ = unix.Close(fd)
		return fmt.Errorf("sockets can still be made")
	}
	return nil
}
