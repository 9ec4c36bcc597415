using Orchestrator.Benchmarks;

// Each verb prints one JSON line per measurement, with what a reader needs to compare it.
var folder = args.Length > 1 ? args[1] : Path.GetTempPath();
switch (args.FirstOrDefault())
{
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
        Console.Error.WriteLine("limit-flows [DIR] | limit-journal [DIR] | host");
        return 2;
}
