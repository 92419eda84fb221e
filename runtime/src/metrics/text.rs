//! The registry as Prometheus text (exposition format 0.0.4), with the process's own figures from `/proc`.

use std::fmt::{Display, Write};
use std::fs;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{About, BOUNDS, Cells, Series, registry};

/// Everything registered, sorted by name, then the process.
pub(crate) fn render() -> String {
    let mut out = String::new();
    for series in registry().lock().unwrap_or_else(PoisonError::into_inner).values() {
        match series {
            Series::Counter(counter) => plain(&mut out, &counter.about, "counter", counter.get()),
            Series::Gauge(gauge) => plain(&mut out, &gauge.about, "gauge", gauge.get()),
            Series::Histogram(histogram) => buckets(&mut out, &histogram.about, &histogram.cells),
            Series::CounterBy(family) => {
                let cells = family.by.cells.read().unwrap_or_else(PoisonError::into_inner);
                let values = cells.iter().map(|(value, cell)| (*value, cell.load(Ordering::Relaxed)));
                labelled(&mut out, &family.about, "counter", family.by.label, values);
            }
            Series::GaugeBy(family) => {
                let cells = family.by.cells.read().unwrap_or_else(PoisonError::into_inner);
                let values = cells.iter().map(|(value, cell)| (*value, cell.load(Ordering::Relaxed)));
                labelled(&mut out, &family.about, "gauge", family.by.label, values);
            }
        }
    }
    process(&mut out);
    out
}

fn head(out: &mut String, name: &str, help: &str, kind: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn plain(out: &mut String, about: &About, kind: &str, value: impl Display) {
    head(out, about.name, about.help, kind);
    let _ = writeln!(out, "{} {value}", about.name);
}

fn labelled<V: Display>(
    out: &mut String,
    about: &About,
    kind: &str,
    label: &str,
    values: impl Iterator<Item = (&'static str, V)>,
) {
    head(out, about.name, about.help, kind);
    for (value, figure) in values {
        let _ = writeln!(out, "{}{{{label}=\"{value}\"}} {figure}", about.name);
    }
}

fn buckets(out: &mut String, about: &About, cells: &Cells) {
    head(out, about.name, about.help, "histogram");
    let name = about.name;
    let mut below = 0;
    for (bound, cell) in BOUNDS.iter().zip(&cells.counts) {
        below += cell.load(Ordering::Relaxed);
        let _ = writeln!(out, "{name}_bucket{{le=\"{bound}\"}} {below}");
    }
    below += cells.counts[BOUNDS.len()].load(Ordering::Relaxed);
    let sum = std::time::Duration::from_nanos(cells.sum.load(Ordering::Relaxed)).as_secs_f64();
    let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {below}\n{name}_sum {sum}\n{name}_count {below}");
}

/// CPU time, memory and descriptors, under the names every dashboard knows. Linux counts CPU time in
/// hundredths of a second and memory in pages of 4 KiB on the machines ngcc is built for.
fn process(out: &mut String) {
    if let Some((cpu, pages)) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu_and_pages)
    {
        head(out, "process_cpu_seconds_total", "User and system CPU time.", "counter");
        let _ = writeln!(out, "process_cpu_seconds_total {}.{:02}", cpu / 100, cpu % 100);
        head(out, "process_resident_memory_bytes", "Resident memory.", "gauge");
        let _ = writeln!(out, "process_resident_memory_bytes {}", pages * 4096);
    }
    if let Ok(fds) = fs::read_dir("/proc/self/fd") {
        head(out, "process_open_fds", "Open file descriptors.", "gauge");
        let _ = writeln!(out, "process_open_fds {}", fds.count());
    }
}

/// Fields 14, 15 and 24 of proc(5) stat. The command in parentheses may hold blanks, so counting begins behind it.
fn cpu_and_pages(stat: &str) -> Option<(u64, u64)> {
    let behind = stat.rsplit_once(')')?.1;
    let field = |n: usize| behind.split_ascii_whitespace().nth(n)?.parse::<u64>().ok();
    Some((field(11)? + field(12)?, field(21)?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::{Counter, CounterBy, Gauge, Histogram};

    static CALLS: Counter = Counter::new("test_calls_total", "Calls.");
    static LIVE: Gauge = Gauge::new("test_live", "Live.");
    static TOOK: Histogram = Histogram::new("test_took_seconds", "Took.");
    static BY: CounterBy = CounterBy::new("test_by_total", "By.", "core");

    #[test]
    fn what_was_counted_stands_in_the_text_with_help_and_type() {
        CALLS.add(3);
        LIVE.add(2);
        LIVE.add(-1);
        TOOK.observe(Duration::from_micros(40));
        TOOK.observe(Duration::from_secs(100));
        BY.with("cti").inc();
        let text = render();
        for line in [
            "# HELP test_calls_total Calls.\n# TYPE test_calls_total counter\ntest_calls_total 3\n",
            "# TYPE test_live gauge\ntest_live 1\n",
            "test_took_seconds_bucket{le=\"0.00001\"} 0\ntest_took_seconds_bucket{le=\"0.00005\"} 1\n",
            "test_took_seconds_bucket{le=\"10\"} 1\ntest_took_seconds_bucket{le=\"+Inf\"} 2\n",
            "test_took_seconds_sum 100.00004\ntest_took_seconds_count 2\n",
            "test_by_total{core=\"cti\"} 1\n",
            "# TYPE process_cpu_seconds_total counter\n",
            "# TYPE process_open_fds gauge\n",
        ] {
            assert!(text.contains(line), "{line:?} is missing in:\n{text}");
        }
    }

    #[test]
    fn a_command_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let stat = "7 (a ) b) S 1 1 1 0 -1 4 10 0 0 0 150 50 0 0 20 0 4 0 100 9999 321 1844";
        assert_eq!(cpu_and_pages(stat), Some((200, 321)));
        assert_eq!(cpu_and_pages("garbage"), None);
    }
}
