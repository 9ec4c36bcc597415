using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Registration;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Scheduling;
using Quartz;

namespace Orchestrator.Benchmarks;

/// <summary>Many schedules due in one second, against Quartz alone; many that are idle, against none; and the next thousand due times of rules.</summary>
internal static class Schedules
{
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(3);

    /// <summary>
    /// From the due second to the first line of the body: the engine in this process with its ledger and journal, and Quartz as it comes with its memory store; then the
    /// engine again, and as many runs that are submitted to it in that second with nothing scheduled, which is what their journal costs at least.
    /// </summary>
    public static async Task DueAsync(string folder, int pairs, int schedules, int slots)
    {
        await using var table = new Pairs("schedules", folder);
        await table.CompareAsync($"{schedules} schedules due in one second, due to body start / Quartz", pairs, () => OursAsync(folder, schedules, slots), () => QuartzAsync(schedules));
        await table.CompareAsync("the same / runs that are submitted", pairs, () => OursAsync(folder, schedules, slots), () => OursAsync(folder, schedules, slots, isScheduled: false));
    }

    /// <summary>Processor time and memory of an idle program with so many schedules, beyond those of one without any.</summary>
    public static async Task IdleAsync(string folder, string program, int schedules, int seconds)
    {
        var (none, many) = (await IdleAsync(folder, program, _ => { }, seconds), await IdleAsync(folder, program, data => Write(data, schedules), seconds));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"idle for {seconds} s, {schedules} schedules / none: CPU {many.Cpu * 100:N2} / {none.Cpu * 100:N2} % of a core, resident {many.MiB} / {none.MiB} MiB, {many.MiB - none.MiB} MiB more"));
    }

    /// <summary>The best of some measurements, of each rule.</summary>
    /// <exception cref="WrongResultException">A rule takes 5 ms or more for its next 1,000 due times.</exception>
    public static void Occurrences()
    {
        string[] rules = ["* * * * *", "*/5 8-18 * * MON-FRI", "0 2 * * *", "30 2 * * SUN", "0 0 12 L * ?", "0 0 9 15W * ?", "0 0 4 ? * 6#3", "0 0 29 2 *", "* * * * * *",
            "R:FREQ=DAILY", "R:FREQ=MONTHLY;BYDAY=-1FR", "R:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "R:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "R:FREQ=MINUTELY;INTERVAL=7", "E:90"];
        var worst = ("", 0.0);
        foreach (var zone in (string[])["UTC", "Europe/Helsinki", "Australia/Lord_Howe", "Africa/Casablanca"])
        {
            var known = ZoneReading.Rules(TimeZoneInfo.FindSystemTimeZoneById(zone));
            foreach (var rule in rules)
            {
                var terms = rule[..2] switch
                {
                    "R:" => new ScheduleTerms { Rrule = rule[2..], Start = "2026-01-01T02:30", Timezone = zone },
                    "E:" => new ScheduleTerms { Every = TimeSpan.FromSeconds(90), Timezone = zone },
                    _ => new ScheduleTerms { Cron = rule, Timezone = zone },
                };
                if (!ScheduleTimes.TryCreate(terms, known, "a/b", out var times, out var error)) throw new WrongResultException(error);
                var best = Enumerable.Range(0, 9).Min(_ =>
                {
                    var began = Stopwatch.GetTimestamp();
                    foreach (var due in times.After(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).Take(1000)) GC.KeepAlive(due);
                    return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                });
                if (best > worst.Item2) worst = ($"{rule} in {zone}", best);
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"next 1,000 due times, {rules.Length} rules in 4 zones: at most {worst.Item2:N2} ms ({worst.Item1})"));
        if (worst.Item2 >= 5) throw new WrongResultException($"{worst.Item1} takes {worst.Item2} ms");
    }

    private static async Task<Sample> OursAsync(string parent, int schedules, int slots, bool isScheduled = true)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"schedules-{Guid.NewGuid():N}")).FullName;
        var started = new Started(schedules);
        var due = Second(TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(10) + TimeSpan.FromMilliseconds(isScheduled ? 10 * schedules : 0));
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Orchestrator:Runner:Slots"] = slots > 0 ? slots.ToString(CultureInfo.InvariantCulture) : null;
        var orchestrator = builder.AddOrchestrator(o => o.DataDirectory = folder).AddTask("note", (context, _) => Task.FromResult(started.Note(due)));
        List<WorkflowDefinition> workflows = [.. Enumerable.Range(0, schedules).Chunk(100).Select(some => Workflow.Named($"w{some[0]}").Task("note", t => t.Delegate("note")).Build() with
        {
            Schedules = !isScheduled ? [] : [.. some.Select(i => new ScheduleDefinition { Id = $"s{i}", Cron = due.ToString("s m H d M '?' yyyy", CultureInfo.InvariantCulture) })],
        })];
        foreach (var workflow in workflows) orchestrator.AddWorkflow(workflow);
        Sample sample;
        using (var host = builder.Build())
        {
            await host.StartAsync();
            var reconciler = host.Services.GetRequiredService<ScheduleReconciler>();
            if (isScheduled) await UntilAsync(() => reconciler.Upcoming.Count(u => u.NextDue == due) == schedules, "all are armed", TimeSpan.FromMinutes(2));
            if (TimeProvider.System.GetUtcNow() > due - Lead) throw new WrongResultException("the schedules were armed too late");
            var submitting = isScheduled ? Task.CompletedTask : SubmitAsync(host.Services.GetRequiredService<OrchestratorNode>().Engine, workflows, schedules, due);
            sample = await started.MeasureAsync(due - Lead);
            await submitting;
            await host.StopAsync();
            var store = new DataDirectory(folder);
            var runs = store.Runs.ListRunIds().ToList();
            if (runs.Count != schedules) throw new WrongResultException($"{runs.Count} runs of {schedules}");
        }
        // What finished runs leave behind may still be written until the host is gone.
        Directory.Delete(folder, recursive: true);
        return sample;
    }

    private static async Task SubmitAsync(RunEngine engine, List<WorkflowDefinition> workflows, int runs, DateTimeOffset due)
    {
        using (var again = new PeriodicTimer(TimeSpan.FromMilliseconds(1)))
            while (TimeProvider.System.GetUtcNow() < due) await again.WaitForNextTickAsync();
        await Task.WhenAll(Enumerable.Range(0, runs).Chunk((runs + Environment.ProcessorCount - 1) / Environment.ProcessorCount).Select(part => Task.Run(() =>
            Task.WhenAll(part.Select(i => engine.SubmitAsync(new() { Definition = workflows[i / 100], Origin = new RunOrigin.Api("test") }))))));
    }

    private static async Task<Sample> QuartzAsync(int schedules)
    {
        var started = new Started(schedules);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(started);
        builder.Services.AddQuartz(q => q.UseInMemoryStore());
        builder.Services.AddQuartzHostedService();
        using var host = builder.Build();
        await host.StartAsync();
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        var due = Second(TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(10));
        for (var i = 0; i < schedules; i++)
        {
            var name = i.ToString(CultureInfo.InvariantCulture);
            await scheduler.ScheduleJob(
                JobBuilder.Create<NoteJob>().WithIdentity(name).UsingJobData("due", due.UtcTicks.ToString(CultureInfo.InvariantCulture)).Build(),
                TriggerBuilder.Create().WithIdentity(name).WithCronSchedule(due.ToString("s m H d M '?' yyyy", CultureInfo.InvariantCulture), c => c.InTimeZone(TimeZoneInfo.Utc)).Build());
        }
        var sample = await started.MeasureAsync(due - Lead);
        await host.StopAsync();
        return sample;
    }

    private static async Task<(double Cpu, long MiB)> IdleAsync(string folder, string program, Action<string> prepare, int seconds)
    {
        await using var served = await ServedProgram.StartAsync(folder, program, 1, new Dictionary<string, string>(), prepare);
        // What follows from the start is over once a whole stretch of time took next to nothing.
        using var stretch = new PeriodicTimer(TimeSpan.FromSeconds(10));
        for (double before = -1, now; (now = served.CpuSeconds()) - before > 0.2; before = now) await stretch.WaitForNextTickAsync();
        var (cpu, began) = (served.CpuSeconds(), Stopwatch.GetTimestamp());
        using var whole = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
        await whole.WaitForNextTickAsync();
        return ((served.CpuSeconds() - cpu) / Stopwatch.GetElapsedTime(began).TotalSeconds, served.ResidentMiB());
    }

    private static void Write(string workflows, int schedules)
    {
        foreach (var some in Enumerable.Range(0, schedules).Chunk(100))
        {
            var yaml = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"name: w{some[0]}\ntasks: [{{id: a, noop: true}}]\nschedules:\n"));
            foreach (var i in some) yaml.Append(CultureInfo.InvariantCulture, $"  - {{id: s{i}, cron: '{i % 60} {i % 24} 1 1 *', timezone: Europe/Helsinki}}\n");
            File.WriteAllText(Path.Combine(workflows, $"w{some[0]}.yaml"), yaml.ToString());
        }
    }

    private static DateTimeOffset Second(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);

    private static async Task UntilAsync(Func<bool> holds, string what, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(began) > patience) throw new WrongResultException($"not after {patience}: {what}");
            await again.WaitForNextTickAsync();
        }
    }

    /// <summary>How long after its due time each body started.</summary>
    private sealed class Started(int expected)
    {
        private readonly ConcurrentBag<double> _late = [];

        public int Note(DateTimeOffset due)
        {
            _late.Add((TimeProvider.System.GetUtcNow() - due).TotalMilliseconds);
            return 0;
        }

        public async Task<Sample> MeasureAsync(DateTimeOffset from)
        {
            await UntilAsync(() => TimeProvider.System.GetUtcNow() >= from, "the time has come", TimeSpan.FromMinutes(2));
            using var self = Process.GetCurrentProcess();
            var (cpu, began, bytes) = (self.TotalProcessorTime, Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
            await UntilAsync(() => _late.Count >= expected, "all have started", TimeSpan.FromMinutes(2));
            self.Refresh();
            if (_late.Count != expected || _late.Min() < 0) throw new WrongResultException($"{_late.Count} of {expected} started, the first {_late.Min()} ms after it was due");
            return new([.. _late], Stopwatch.GetElapsedTime(began).TotalSeconds, (self.TotalProcessorTime - cpu).TotalSeconds, GC.GetTotalAllocatedBytes() - bytes, 0, 1);
        }
    }

    private sealed class NoteJob(Started started) : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            started.Note(new(long.Parse(context.MergedJobDataMap.GetString("due")!, CultureInfo.InvariantCulture), TimeSpan.Zero));
            return ValueTask.CompletedTask;
        }
    }
}
