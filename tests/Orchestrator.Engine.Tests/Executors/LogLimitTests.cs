using System.Buffers;
using System.Text;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

/// <summary>A log over its limit keeps its head and its tail, whoever writes it, and readers say what is missing.</summary>
public sealed class LogLimitTests
{
    private const int Limit = 1 << 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_byte_over_costs_a_block_and_not_the_log(bool masked)
    {
        using var scene = new AttemptScene(new() { LogLimit = Limit });
        var attempt = scene.Shell($"head -c {Limit + 1} /dev/zero | tr '\\0' x");
        if (masked) attempt = attempt.WithSecrets("hunter22");
        (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Succeeded>();
        new FileInfo(scene.LogOf(attempt)).Length.ShouldBe(Limit + 1, "offsets stay");
        var text = ReadAll(scene.LogOf(attempt));
        text.Count(c => c == 'x').ShouldBeInRange(Limit - (2 * 4096), Limit);
        text.ShouldContain("bytes were dropped here]\n");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_and_the_last_lines_stay_and_what_is_between_takes_no_space(bool masked)
    {
        using var scene = new AttemptScene(new() { LogLimit = Limit });
        var attempt = scene.Shell("seq 1 1500000; exit 4");
        if (masked) attempt = attempt.WithSecrets("hunter22");
        (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Failed>().Message.ShouldBe("exited with code 4: 1500000");
        var text = ReadAll(scene.LogOf(attempt));
        text.ShouldStartWith("1\n2\n3\n");
        text.ShouldEndWith("\n1499999\n1500000\n");
        Encoding.UTF8.GetByteCount(text).ShouldBeInRange(Limit - (3 * 4096), Limit + 200);
        text.ShouldNotContain("\0");
        text.Split('\n').Count(l => l.StartsWith("[orchestrator: the log passed its limit; ", StringComparison.Ordinal)).ShouldBe(1);
        LogTail.Read(scene.LogOf(attempt), 2).ShouldBe(["1499999", "1500000"]);
        using var log = File.OpenHandle(scene.LogOf(attempt));
        Engine.Reports.LogTail.Of(log).ShouldEndWith("\n1499999\n1500000");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_small_limit_is_kept_by_writing_the_tail_again(bool masked)
    {
        using var scene = new AttemptScene(new() { LogLimit = 8192 });
        var attempt = scene.Shell("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; exit 4");
        if (masked) attempt = attempt.WithSecrets("hunter22");
        (await scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Failed>().Message.ShouldBe("exited with code 4: line 4999");
        var log = await File.ReadAllTextAsync(scene.LogOf(attempt), TestContext.Current.CancellationToken);
        Encoding.UTF8.GetByteCount(log).ShouldBeLessThanOrEqualTo(8192 + 200);
        log.ShouldStartWith("line 0\nline 1\n");
        log.ShouldContain("\n[orchestrator: the log passed its limit; ");
        log.ShouldEndWith("\nline 4999\n");
        ReadAll(scene.LogOf(attempt)).ShouldBe(log);
    }

    [Fact]
    public async Task A_reader_that_follows_sees_what_a_reader_afterwards_sees()
    {
        using var scene = new AttemptScene();
        Directory.CreateDirectory(Path.Combine(scene.RunDirectory, "logs"));
        var path = Path.Combine(scene.RunDirectory, "logs", "a.1.log");
        var follower = new LogReader(path);
        follower.Read(new byte[10]).ShouldBe(0);
        follower.Exists.ShouldBeFalse();
        await File.WriteAllTextAsync(path, new string('a', 400_000), TestContext.Current.CancellationToken);
        ReadOn(follower, 100_000).ShouldBe(new string('a', 100_000));
        await File.AppendAllTextAsync(path, new string('b', 400_000), TestContext.Current.CancellationToken);
        long dropped = 0;
        LogFile.Shorten(path, 256 * 1024, ref dropped).ShouldBeInRange(200_000, 256 * 1024);
        var rest = ReadOn(follower, int.MaxValue);
        (new string('a', 100_000) + rest).ShouldBe(ReadAll(path));
        rest.ShouldEndWith("b");
    }

    [Theory]
    [InlineData("link", false)]
    [InlineData("link", true)]
    [InlineData("fifo", false)]
    [InlineData("fifo", true)]
    [InlineData("dangling", false)]
    [InlineData("socket", true)]
    public async Task What_a_task_plants_in_the_place_of_a_log_is_neither_followed_nor_waited_for(string kind, bool masked)
    {
        using var scene = new AttemptScene();
        var attempt = scene.Shell("echo mine");
        if (masked) attempt = attempt.WithSecrets("hunter22");
        var precious = scene.PathOf("precious");
        File.WriteAllText(precious, "before\n");
        Directory.CreateDirectory(Path.GetDirectoryName(scene.LogOf(attempt))!);
        await Planted.MakeAsync(kind, scene.LogOf(attempt), precious);
        (await scene.DoAsync(attempt).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBeOfType<TaskOutcome.Succeeded>();
        File.ReadAllText(precious).ShouldBe("before\n");
        ReadAll(scene.LogOf(attempt)).ShouldBe("mine\n");
    }

    private static string ReadAll(string path) => ReadOn(new(path), int.MaxValue);

    private static string ReadOn(LogReader reader, int most)
    {
        var all = new ArrayBufferWriter<byte>();
        var buffer = new byte[50_000];
        while (all.WrittenCount < most && reader.Read(buffer) is > 0 and var n) all.Write(buffer.AsSpan(0, n));
        return Encoding.UTF8.GetString(all.WrittenSpan);
    }
}

/// <summary>What a task can put in the place of a file.</summary>
internal static class Planted
{
    public static async Task MakeAsync(string kind, string path, string target)
    {
        switch (kind)
        {
            case "link": File.CreateSymbolicLink(path, target); break;
            case "dangling": File.CreateSymbolicLink(path, path + ".none"); break;
            case "socket":
                using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0)) socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
                break;
            default:
                using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", path)) await mkfifo.WaitForExitAsync();
                break;
        }
    }
}
