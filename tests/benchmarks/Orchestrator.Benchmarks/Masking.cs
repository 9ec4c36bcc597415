using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Benchmarks;

/// <summary>How long it takes to mask output that is full of nothing, of JSON and of secrets, held against copying it. The longer stream must take as many times longer as it has bytes.
/// Time is that of the processor: it is one thread's work, and what else runs on the machine does not count.</summary>
internal static class Masking
{
    private const int Chunk = 64 * 1024;

    public static void Run(int pairs, long megabytes, int secrets)
    {
        var random = new Random(7);
        var values = Enumerable.Range(0, secrets).Select(i => string.Concat(Enumerable.Range(0, 24 + (i % 20)).Select(_ => "ABCDEFabcdef0123456789+/-_&%!"[random.Next(29)]))).ToArray();
        var built = Stopwatch.GetTimestamp();
        var patterns = SecretPatterns.Of(values)!;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{secrets} secrets made ready in {Stopwatch.GetElapsedTime(built).TotalMilliseconds:N1} ms; {megabytes} MB a measurement"));
        foreach (var (name, chunk) in Shapes(random, values))
        {
            var ratios = new List<double>();
            var longer = new List<double>();
            for (var pair = 0; pair <= pairs; pair++)
            {
                var (copy, mask, tenth) = (Take(chunk, megabytes, null), Take(chunk, megabytes, patterns), Take(chunk, megabytes / 10, patterns));
                if (pair == 0) continue;   // warms both up
                ratios.Add(mask / copy);
                longer.Add(mask / tenth);
                if (pair == pairs) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-8} {megabytes / mask:N0} MB/s, copy {megabytes / copy:N0} MB/s"));
            }
            ratios.Sort();
            longer.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"         against a copy {ratios[0]:N2}  {ratios[ratios.Count / 2]:N2}  {ratios[^1]:N2}; against a tenth {longer[0]:N2}  {longer[longer.Count / 2]:N2}  {longer[^1]:N2}"));
            if (longer[longer.Count / 2] > 15) throw new InvalidOperationException($"Masking {name} is not linear: ten times the bytes take {longer[longer.Count / 2]:N1} times as long.");
        }
    }

    private static IEnumerable<(string Name, byte[] Chunk)> Shapes(Random random, string[] values)
    {
        yield return ("prose", Of(i => $"2026-11-30 12:{i % 60:00}:07 INFO loaded {random.Next(100_000)} rows of table sales_{i % 9} in {random.Next(900)} ms, nothing else to do\n"));
        yield return ("json", Of(i => JsonSerializer.Serialize(new { time = "2026-11-30T12:00:00Z", level = "info", path = $"C:\\data\\{i}", text = $"it's \"{random.Next()}\"" }) + "\n"));
        yield return ("base64", Of(_ => Convert.ToBase64String(Bytes(random, 57)) + "\n"));
        yield return ("secrets", Of(i => $"try {values[i % values.Length]} then {Uri.EscapeDataString(values[(i + 1) % values.Length])}\n"));
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Of(Func<int, string> line)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < 4 << 20; i++) text.Append(line(i));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Seconds of the processor.</summary>
    private static double Take(byte[] text, long megabytes, SecretPatterns? patterns)
    {
        var output = new ArrayBufferWriter<byte>(2 * Chunk);
        var masker = patterns is null ? null : new SecretMasker(patterns);
        var began = Environment.CpuUsage.TotalTime;
        for (var (left, at) = (megabytes * 1_000_000, 0); left > 0; left -= Chunk, at = at + (2 * Chunk) > text.Length ? 0 : at + Chunk)
        {
            if (masker is null) output.Write(text.AsSpan(at, Chunk));
            else masker.Write(text.AsSpan(at, Chunk), output);
            output.ResetWrittenCount();
        }
        return (Environment.CpuUsage.TotalTime - began).TotalSeconds;
    }
}
