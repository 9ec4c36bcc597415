using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Orchestrator.TestKit;

namespace Orchestrator.Conformance.Harness;

/// <summary>A `serve` on a free loopback port, ready to be asked.</summary>
internal sealed class Server : IAsyncDisposable
{
    // An answer with a value in it is deeper than the value, which may be as deep as readers go by default.
    private static readonly JsonSerializerOptions Deep = new(JsonSerializerDefaults.Web) { MaxDepth = 512 };

    private Server(Running process, Uri address)
    {
        Process = process;
        Http = new() { BaseAddress = address, Timeout = Running.Patience };
    }

    public Running Process { get; }

    public HttpClient Http { get; }

    /// <summary>Starts `serve` over the sandbox's data and the workflows in its folder <c>workflows</c>, and waits until it is ready.</summary>
    public static Task<Server> StartAsync(Sandbox box, params string[] args) => StartAsync(box, () => box.Start(["serve", .. args]));

    /// <summary>The same where no file may grow beyond so many KiB until <see cref="LiftLimitAsync"/>: a write beyond that fails as it does on a full disk.</summary>
    public static Task<Server> StartLimitedAsync(Sandbox box, int kibibytes)
    {
        box.Environment["DOTNET_EnableWriteXorExecute"] = "0";   // its double mapping needs a file as large as the memory
        return StartAsync(box, () => box.StartOther("/bin/bash", "-c", $"trap '' XFSZ; ulimit -S -f {kibibytes}; exec \"$@\"", "bash", Built.Program, "serve", "--data", box.Data));
    }

    /// <summary>The same where the program may have so many files open.</summary>
    public static Task<Server> StartWithFilesAsync(Sandbox box, int files) =>
        StartAsync(box, () => box.StartOther("/bin/bash", "-c", $"ulimit -n {files}; exec \"$@\"", "bash", Built.Program, "serve", "--data", box.Data));

    /// <summary>Starts it and does not wait: it may end before it is ready.</summary>
    public static Running Start(Sandbox box)
    {
        Prepare(box);
        return box.Start("serve");
    }

    private static async Task<Server> StartAsync(Sandbox box, Func<Running> start)
    {
        var address = Prepare(box);
        var server = new Server(start(), address);
        await server.ReadyAsync();
        return server;
    }

    private static Uri Prepare(Sandbox box)
    {
        Directory.CreateDirectory(box.PathOf("workflows"));
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        box.Environment["Orchestrator__Api__Url"] = address.ToString();
        box.Environment["Orchestrator__Workflows__Path"] = box.PathOf("workflows");
        return address;
    }

    /// <summary>There is space again.</summary>
    public async Task LiftLimitAsync(Sandbox box) => (await box.StartOther("/usr/bin/prlimit", "--pid", $"{Process.Pid}", "--fsize=unlimited:").EndAsync()).Exits(0);

    /// <summary>The answer to a GET that may fail: its code and its JSON.</summary>
    public async Task<(int Status, JsonElement Body)> AskAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private Task ReadyAsync() => Poll.UntilAsync(async () =>
    {
        if (Process.HasExited) throw new InvalidOperationException($"serve ended before it was ready:\n{await Process.EndAsync()}");
        try
        {
            using var answer = await Http.GetAsync("/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException) { return false; }
    }, "readiness");

    /// <summary>Submits a run; the answer is in the journal when this returns.</summary>
    public async Task<string> SubmitAsync(string workflow, object? parameters = null)
    {
        using var answer = await Http.PostAsJsonAsync($"/api/v1/workflows/{workflow}/runs", new { @params = parameters ?? new { } });
        if (answer.StatusCode != HttpStatusCode.Accepted) throw new InvalidOperationException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString()!;
    }

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path, Deep);

    /// <summary>Posts a body; the answer's code and its JSON.</summary>
    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>The trace that the run is in.</summary>
    public async Task<string> TraceOfAsync(string runId) => (await GetAsync($"/api/v1/runs/{runId}")).GetProperty("trace_id").GetString()!;

    /// <summary>Waits until the run is in this state.</summary>
    public Task StatusAsync(string runId, string status) =>
        Poll.UntilAsync(async () => (await GetAsync($"/api/v1/runs/{runId}")).GetProperty("status").GetString() == status, $"run {runId} being {status}");

    /// <summary>Waits until the run is in one of its terminal states and gives that.</summary>
    public async Task<string> EndOfAsync(string runId)
    {
        var status = "";
        await Poll.UntilAsync(async () =>
        {
            status = (await GetAsync($"/api/v1/runs/{runId}")).GetProperty("status").GetString()!;
            return status is "completed" or "failed" or "cancelled";
        }, $"the end of run {runId}");
        return status;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
    }
}
