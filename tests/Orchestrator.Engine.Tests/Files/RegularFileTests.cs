using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Artifacts;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Running;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;
using Orchestrator.Engine.Tests.Journal;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Files;

/// <summary>Whatever a task puts in the place of a file, no reader waits for it, follows it out, or reads it for ever.</summary>
public sealed class RegularFileTests : IDisposable
{
    private readonly RunPaths _paths = new(Directory.CreateTempSubdirectory("regular-").FullName);
    private readonly RunId _id = Some.Run();
    private readonly string _run;

    public RegularFileTests()
    {
        _run = _paths.Of(_id);
        Directory.CreateDirectory(_run);
    }

    public static TheoryData<string> Kinds => ["fifo", "device", "socket", "folder", "link to a secret", "link to nothing", "link to itself"];

    public void Dispose() => Directory.Delete(_paths.Root, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_reader_takes_it_for_a_file(string kind)
    {
        var secret = Path.Combine(_run, "secret");
        File.WriteAllText(secret, "secret");
        var artifact = Make(kind, Path.Combine(RunFolder.ArtifactsOf(_run), "a.txt"));
        var log = Make(kind, Path.Combine(_run, "logs", "a.1.log"));
        var output = Make(kind, Path.Combine(_run, "outputs", ".a.1.out"));
        var results = Make(kind, Path.Combine(_run, "outputs", "a.json"));
        var spans = Make(kind, ScriptSpanFile.Of(_run, new("a"), 1));
        var archive = Make(kind, Path.Combine(_run, "events.jsonl"));
        await Task.Run(() =>
        {
            RegularFile.TryOpen(artifact).ShouldBeNull();
            Artifacts.Open(_run, "a.txt").ShouldBeNull();
            LogTail.Read(log, 5).ShouldBeEmpty();
            Engine.Reports.LogTail.Read(new RunFiles(_paths), _id, "logs/a.1.log").ShouldBeNull();
            OutputFile.Read(output, 100).ShouldBeNull();
            Should.Throw<IOException>(() => OutputFiles.Hydrate(new(StreamIds.Any, 1, Some.At, new Core.Runs.TaskCompleted(new("a"), 1) { OutputsFile = "outputs/a.json" }), new RunFiles(_paths), _id));
            results.ShouldNotBeNull();
            ScriptSpanFile.Read(spans).ShouldBeEmpty();
            ArchiveFile.Read(archive, StreamIds.Any, null).ShouldBeEmpty();
            ArchiveFile.Last(archive, StreamIds.Any, null).ShouldBeNull();
        }).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_link_to_a_file_is_followed_where_users_make_them()
    {
        var file = Path.Combine(_run, "real");
        File.WriteAllText(file, "content");
        File.CreateSymbolicLink(Path.Combine(_run, "link"), file);
        RegularFile.TryReadText(Path.Combine(_run, "link"), followLink: true).ShouldBe("content");
        RegularFile.TryReadText(Path.Combine(_run, "link")).ShouldBeNull();
    }

    [Fact]
    public async Task Masking_of_spans_leaves_what_a_link_points_to_alone()
    {
        var secret = Path.Combine(_run, "secret");
        File.WriteAllText(secret, "hunter2");
        var spans = Make("link to a secret", ScriptSpanFile.Of(_run, new("a"), 1));
        await Task.Run(() => ScriptSpanFile.Mask(Disk.Real, spans, Engine.Secrets.SecretPatterns.Of(["hunter2"]))).WaitAsync(TimeSpan.FromSeconds(30));
        File.ReadAllText(secret).ShouldBe("hunter2");
        new FileInfo(spans).LinkTarget.ShouldBeNull();
    }

    private string Make(string kind, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        switch (kind)
        {
            case "fifo":
                System.Diagnostics.Process.Start("mkfifo", path).WaitForExit();
                break;
            case "device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "socket":
                using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0))
                {
                    socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
                    break;
                }
            case "folder":
                Directory.CreateDirectory(path);
                break;
            default:
                File.CreateSymbolicLink(path, kind switch { "link to a secret" => Path.Combine(_run, "secret"), "link to nothing" => Path.Combine(_run, "nothing"), _ => path });
                break;
        }
        return path;
    }

    private static class StreamIds
    {
        public static Core.Runs.StreamId Any { get; } = Core.Runs.StreamId.Run(Some.Run());
    }
}
