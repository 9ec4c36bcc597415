using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;

namespace Orchestrator.Engine.Tests.Executors;

/// <summary>A run's folder, an executor, and attempts to give it.</summary>
internal sealed class AttemptScene : IDisposable
{
    public const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private readonly ProcessTaskOptions _options;
    private int _tasks;

    public AttemptScene(ProcessTaskOptions? options = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        _options = options ?? new();
        Executor = new(_options, environment ?? new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["HOME"] = "/tmp" },
            TimeProvider.System, NullLogger<ProcessTaskExecutor>.Instance);
        Root = Directory.CreateTempSubdirectory("orchestrator-test-").FullName;
        Run = RunId.New(TimeProvider.System.GetUtcNow(), Guid.NewGuid().ToByteArray());
        RunDirectory = Path.Combine(Root, "run");
    }

    public ProcessTaskExecutor Executor { get; }
    public string Root { get; }
    public string RunDirectory { get; }
    public RunId Run { get; }

    public TaskAttempt Shell(string command) => Attempt(new RunAction(command), new() { Command = command });

    public TaskAttempt Shell(string command, params string[] shell) => Attempt(new RunAction(command) { Shell = [.. shell] }, new() { Command = command });

    public TaskAttempt Exec(params string[] argv) => Attempt(new ExecAction([.. argv]), new() { Argv = [.. argv] });

    public TaskAttempt Script(string text) => Attempt(new ScriptAction(text), new() { Script = text });

    public TaskAttempt Attempt(TaskAction action, TaskInvocation invocation) => new()
    {
        RunId = Run,
        Workflow = "nightly",
        Task = new() { Id = new($"task-{++_tasks}"), Action = action },
        Invocation = invocation,
        Attempt = 1,
        RunDirectory = RunDirectory,
        BaseDirectory = Root,
        Trace = new(TraceParent),
    };

    public Task<TaskOutcome> DoAsync(TaskAttempt attempt) => DoUntilAsync(attempt, CancellationToken.None);

    public async Task<TaskOutcome> DoUntilAsync(TaskAttempt attempt, CancellationToken stop) => Judged(attempt, await Executor.ExecuteAsync(attempt, stop));

    /// <summary>What becomes of it when the results are looked at, as it happens after every attempt.</summary>
    public TaskOutcome Judged(TaskAttempt attempt, TaskOutcome outcome) =>
        outcome is TaskOutcome.Succeeded { Outputs.IsEmpty: false } done ? TaskResults.Judge(attempt, done, _options) : outcome;

    public string LogOf(TaskAttempt attempt) => Path.Combine(RunDirectory, RunFolder.LogRef(attempt.Task.Id, attempt.Attempt));

    /// <summary>A file that may be executed.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return PathOf(name);
    }

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Opens a FIFO's reading end, which waits until the child has opened the other: a signal without a clock.</summary>
    public static Task<string> ReadFifoAsync(string fifo) => Task.Run(() =>
    {
        using var reader = new StreamReader(fifo);
        return reader.ReadToEnd().Trim();
    });

    public string Fifo(string name)
    {
        var path = PathOf(name);
        System.Diagnostics.Process.Start("mkfifo", path).WaitForExit();
        return path;
    }

    /// <summary>Whether a process exists and has not ended (a zombie has).</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Executor.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

internal static class AttemptChanges
{
    public static TaskAttempt WithEnv(this TaskAttempt attempt, string name, string value) =>
        attempt with { Invocation = attempt.Invocation with { Env = attempt.Invocation.Env.SetItem(name, value) } };

    public static TaskAttempt In(this TaskAttempt attempt, string directory) =>
        attempt with { Invocation = attempt.Invocation with { WorkingDir = directory } };

    public static TaskAttempt WithSecrets(this TaskAttempt attempt, params string[] secrets) => attempt with { Secrets = secrets };

    public static TaskAttempt ReadingStdout(this TaskAttempt attempt) =>
        attempt with { Task = attempt.Task with { Outputs = OutputSource.StdoutJson } };

    public static string Text(this TaskOutcome outcome, string key) =>
        ((TaskOutcome.Succeeded)outcome).Outputs[key] is { ValueKind: JsonValueKind.String } text ? text.GetString()! : ((TaskOutcome.Succeeded)outcome).Outputs[key].GetRawText();
}
