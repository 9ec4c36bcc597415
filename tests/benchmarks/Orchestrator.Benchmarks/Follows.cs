using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>A stream of events followed by the built program: from its start to the last line read from its standard output, by somebody who only counts lines.</summary>
internal static class Follows
{
    public static async Task RunAsync(string folder, string program, int events)
    {
        const int Tasks = 500;   // a start and an end each
        var data = Directory.CreateDirectory(Path.Combine(folder, $"follow-{Guid.NewGuid():N}")).FullName;
        try
        {
            MadeJournal.WriteWithDefinition(data, Math.Max(1, events / (2 * Tasks)), Tasks);
            foreach (var format in (string[])["native", "codomyrmex", "jsonl27"])
            {
                using var follow = Process.Start(new ProcessStartInfo(program) { ArgumentList = { "events", "--follow", "--data", data, "--format", format }, RedirectStandardOutput = true })!;
                var began = Stopwatch.GetTimestamp();
                // Each task but the last of each run has its start and its end; the other formats have a line for each of those and fewer for the run itself.
                var (lines, bytes) = await CountAsync(follow.StandardOutput.BaseStream, format == "native" ? events : events * 99L / 100);
                var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
                follow.Refresh();
                var cpu = follow.TotalProcessorTime.TotalSeconds;
                follow.Kill();
                await follow.WaitForExitAsync();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{format}: {lines:N0} lines, {bytes >> 20} MiB in {took:0.00} s: {lines / took:N0} events a second, {cpu:0.00} s of CPU"));
            }
        }
        finally { Directory.Delete(data, recursive: true); }
    }

    private static async Task<(long Lines, long Bytes)> CountAsync(Stream output, long wanted)
    {
        var buffer = new byte[1 << 20];
        long lines = 0, bytes = 0;
        while (lines < wanted && await output.ReadAsync(buffer) is > 0 and var n)
        {
            lines += buffer.AsSpan(0, n).Count((byte)'\n');
            bytes += n;
        }
        if (lines < wanted) throw new WrongResultException($"{lines} lines were told, {wanted} were expected");
        return (lines, bytes);
    }
}
