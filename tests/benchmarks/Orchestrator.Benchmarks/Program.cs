using System.Globalization;
using Orchestrator.Benchmarks;

// The limits print one JSON line per measurement; the comparisons print ratios and keep their raw samples beside the data.
var folder = Directory.CreateDirectory(args.Length > 1 && args[1] != "-" ? args[1] : Path.GetTempPath()).FullName;
var pairs = Number("--pairs", 7);
try
{
    switch (args.FirstOrDefault())
    {
        case "flows":
            await Flows.RunAsync(folder, pairs, Number("--flows", 1_000), Number("--in-flight", 0) is > 0 and var n ? [n] : [1, 16, 64]);
            return 0;
        case "flows-telemetry":
            await TelemetryFlows.RunAsync(folder, pairs, Number("--flows", 1_000));
            return 0;
        case "degradation":   // for tests/benchmarks/degradation
            await Degradation.RunAsync(folder, Text("--bin", "orchestrator"), pairs, Number("--runs", 30), Text("--only", ""));
            return 0;
        case "otlp-sink":   // for tests/benchmarks/telemetry
            await OtlpSink.RunAsync(Number("--port", 4318), hangs: args.Contains("--hang"));
            return 0;
        case "latency":
            await Flows.LatencyAsync(folder, pairs);
            return 0;
        case "fairness":
            await Fairness.RunAsync(folder, Number("--flows", 10_000));
            return 0;
        case "journal":
            await JournalAppends.RunAsync(folder, pairs);
            return 0;
        case "scan":
            await Scans.RunAsync(folder, pairs, Number("--events", 1_000_000));
            return 0;
        case "follow":   // --bin names the built program
            await Follows.RunAsync(folder, Text("--bin", "orchestrator"), Number("--events", 1_000_000));
            return 0;
        case "shapes":
            await Shapes.RunAsync(folder, pairs);
            return 0;
        case "memory":
            await Shapes.MemoryAsync(folder, Number("--tasks", 1_000_000));
            return 0;
        case "schedules":   // --bin names the built program: without it, nothing is idle
            Schedules.Occurrences();
            if (Text("--bin", "") is { Length: > 0 } bin) await Schedules.IdleAsync(folder, bin, Number("--idle", 10_000), Number("--seconds", 60));
            await Schedules.DueAsync(folder, pairs, Number("--schedules", 1_000), Number("--slots", 0));
            return 0;
        case "masking":
            Masking.Run(pairs, Number("--megabytes", 1_000), Number("--secrets", 50));
            return 0;
        case "open-runs":   // a data directory for tests/benchmarks/recover
            MadeJournal.WriteWithDefinition(folder, Number("--runs", 500), Number("--tasks", 100));
            return 0;
        case "finished-runs":   // the same with nothing left to do but archives and reports
            MadeJournal.WriteWithDefinition(folder, Number("--runs", 1400), Number("--tasks", 10), finished: true);
            return 0;
        case "limit-flows":
            await FlowsLimit.RunAsync(folder);
            return 0;
        case "limit-journal":
            await JournalLimit.RunAsync(folder);
            return 0;
        case "host":
            await SlimHost.StartAndStopAsync();
            return 0;
        default:
            Console.Error.WriteLine("flows | flows-telemetry | degradation | latency | fairness | journal | scan | follow | shapes | memory | schedules | masking | open-runs | finished-runs | limit-flows | limit-journal [DIR] [--pairs N] [--flows N] [--in-flight N]; or host, or otlp-sink - --port N [--hang]");
            return 2;
    }
}
catch (WrongResultException e)
{
    Console.Error.WriteLine($"WRONG: {e.Message}");
    return 1;
}

string Text(string option, string otherwise) => Array.IndexOf(args, option) is > 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;

int Number(string option, int otherwise) =>
    Array.IndexOf(args, option) is > 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
