using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Sql;
using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Orchestrator.Engine.Tests.Executors.Sql;

/// <summary>A database, an executor and attempts to give it. What a test creates, it names after itself.</summary>
internal sealed class SqlScene : IAsyncDisposable
{
    private readonly SqlConnections _connections;
    private readonly SqlTaskExecutor _executor;

    private SqlScene(PostgresServer server, IReadOnlyDictionary<string, SqlConnectionSource>? more)
    {
        Server = server;
        Root = Directory.CreateTempSubdirectory("orc-sql-").FullName;
        var sources = new Dictionary<string, SqlConnectionSource>(more ?? new Dictionary<string, SqlConnectionSource>())
        {
            ["warehouse"] = new() { ConnectionString = server.ConnectionString },
        };
        _connections = new(sources, new Dictionary<string, string> { ["WAREHOUSE_URL"] = server.ConnectionString });
        _executor = new(_connections, new ProcessTaskOptions { ArtifactsLimit = 16 << 20 }, TimeProvider.System);
        Run = RunId.New(TimeProvider.System.GetUtcNow(), Guid.NewGuid().ToByteArray());
    }

    public PostgresServer Server { get; }

    public string Root { get; }

    public RunId Run { get; }

    public string RunDirectory => Path.Combine(Root, "run");

    public static async Task<SqlScene> OnAsync(PostgresFixture fixture, params (string Name, SqlConnectionSource Source)[] more) =>
        new(await fixture.ServerAsync(), more.ToDictionary(m => m.Name, m => m.Source));

    public static ImmutableSortedDictionary<string, JsonElement> Values(object values) =>
        JsonSerializer.SerializeToElement(values).EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);

    public Task<TaskOutcome> QueryAsync(string query, object? values = null) =>
        DoAsync(new SqlAction("warehouse") { Query = query, Parameters = Values(values ?? new { }) });

    public Task<TaskOutcome> ExecuteAsync(string execute, object? values = null) =>
        DoAsync(new SqlAction("warehouse") { Execute = execute, Parameters = Values(values ?? new { }) });

    /// <summary>Rendered as the engine does it, then carried out.</summary>
    public async Task<TaskOutcome> DoAsync(SqlAction action, Func<TaskDefinition, TaskDefinition>? change = null, string[]? secrets = null, CancellationToken stop = default)
    {
        var task = new TaskDefinition { Id = new("load"), Action = action };
        task = change?.Invoke(task) ?? task;
        var flow = new WorkflowDefinition { Name = "nightly", Tasks = [task] };
        var scope = new ExpressionScope { Run = new(Run.ToString(), "nightly", "default", DateTimeOffset.UnixEpoch, "manual"), Params = Values(new { day = "2026-01-31" }) };
        return await _executor.ExecuteAsync(new()
        {
            RunId = Run,
            Workflow = "nightly",
            Task = task,
            Invocation = TaskTemplates.Of(flow, task).Render(scope),
            Attempt = 1,
            RunDirectory = RunDirectory,
            BaseDirectory = Root,
            Secrets = secrets ?? [],
        }, stop);
    }

    public static string Json(TaskOutcome outcome, string key) => outcome.ShouldBeOfType<TaskOutcome.Succeeded>(outcome.ToString()).Outputs[key].GetRawText();

    public static TaskOutcome.Failed Failed(TaskOutcome outcome) => outcome.ShouldBeOfType<TaskOutcome.Failed>();

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}
