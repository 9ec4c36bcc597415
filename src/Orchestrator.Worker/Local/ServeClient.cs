using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.AspNetCore;
using Orchestrator.AspNetCore.Events;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Running.Mail;
using Orchestrator.Worker.Commands;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Local;

/// <summary>Talks to the `serve` of a data directory through its local socket.</summary>
internal sealed class ServeClient(ServeHolder holder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task<RunId> StartAsync(LocalStartBody body, CancellationToken stop)
    {
        using var answer = await PostAsync("/api/v1/runs", JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Default.LocalStartBody), body.RequestedBy, patience: null, stop);
        var accepted = await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(stop), ApiJson.Default.RunAnswer, stop);
        return RunId.Parse(accepted!.RunId);
    }

    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task<RunId> RetryAsync(RunId run, RetryBody body, CancellationToken stop)
    {
        using var answer = await PostAsync($"/api/v1/runs/{run}/retry", JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Default.RetryBody), body.RequestedBy, patience: null, stop);
        var accepted = await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(stop), ApiJson.Default.RunAnswer, stop);
        return RunId.Parse(accepted!.RunId);
    }

    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task CancelAsync(RunId run, CancelAsk ask, CancellationToken stop)
    {
        var body = new CancelBody { Reason = ask.Comment };
        using var answer = await PostAsync($"/api/v1/runs/{run}/cancel", JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Default.CancelBody), ask.Actor, patience: null, stop);
    }

    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task AnswerAsync(RunId run, MailItem item, CancellationToken stop)
    {
        var path = item.Kind == "signal" ? $"/api/v1/runs/{run}/signals/{Uri.EscapeDataString(item.Event!)}" : $"/api/v1/runs/{run}/approvals/{Uri.EscapeDataString(item.Task!)}";
        var body = new AnswerBody { Decision = item.Kind == "signal" ? null : item.Kind, Comment = item.Comment, Values = item.Values, By = item.By };
        using var answer = await PostAsync(path, JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Default.AnswerBody), item.By, patience: null, stop);
    }

    /// <summary>Sends dead letters again or discards them, for as long as it takes.</summary>
    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task<DeadLetterAnswer> LettersAsync(string action, DeadLetterBody body, string actor, CancellationToken stop)
    {
        using var answer = await PostAsync($"/api/v1/dead-letters/{action}", JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Default.DeadLetterBody), actor, Timeout.InfiniteTimeSpan, stop);
        return (await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(stop), ApiJson.Default.DeadLetterAnswer, stop))!;
    }

    /// <summary>Asks for something that is there to be read.</summary>
    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task<T> AskAsync<T>(string path, JsonTypeInfo<T> shape, CancellationToken stop)
        where T : class
    {
        using var answer = await SendAsync(new(HttpMethod.Get, path), stop);
        if (!answer.IsSuccessStatusCode) throw await RefusedAsync(answer, stop);
        return (await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(stop), shape, stop))!;
    }

    /// <summary>Asks for a change and gives the answer's text.</summary>
    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task<string> PostAsync(string path, byte[] body, string actor, CancellationToken stop)
    {
        using var answer = await PostAsync(path, body, actor, patience: null, stop);
        return await answer.Content.ReadAsStringAsync(stop);
    }

    /// <summary>Asks for a change; what it says of it.</summary>
    /// <exception cref="CommandFailure">It refuses, or cannot be reached.</exception>
    public async Task<TAnswer> TellAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> shape, JsonTypeInfo<TAnswer> answerShape, string actor, CancellationToken stop)
        where TAnswer : class
    {
        using var answer = await PostAsync(path, JsonSerializer.SerializeToUtf8Bytes(body, shape), actor, patience: null, stop);
        return (await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(stop), answerShape, stop))!;
    }

    /// <summary>What it answers to a GET, whatever that is: the code and the text.</summary>
    /// <exception cref="CommandFailure">It cannot be reached.</exception>
    public async Task<(int Status, string Text)> GetAsync(string path, CancellationToken stop)
    {
        using var answer = await SendAsync(new(HttpMethod.Get, path), stop);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(stop));
    }

    private async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? actor, TimeSpan? patience, CancellationToken stop)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (actor is not null) request.Headers.TryAddWithoutValidation("X-Requested-By", actor);
        var answer = await SendAsync(request, stop, patience);
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw await RefusedAsync(answer, stop);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop, TimeSpan? patience = null)
    {
        using (request)
        {
            using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { BaseAddress = new("http://localhost"), Timeout = patience ?? Patience };
            try
            {
                return await http.SendAsync(request, stop);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
            {
                throw new CommandFailure(ExitCode.Unavailable, $"The `orchestrator serve` of this data directory (process {holder.Pid}) does not answer at {holder.Socket}.", "It may be starting or stopping: try again.", e);
            }
        }
    }

    private static async Task<CommandFailure> RefusedAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        ApiProblem? error = null;
        try
        {
            error = await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(stop), ApiJson.Default.ApiProblem, stop);
        }
        catch (JsonException)
        {
            // Something else answers there; its status says enough.
        }
        var code = (int)answer.StatusCode switch { 404 => ExitCode.NotFound, 403 or 409 => ExitCode.Failed, 400 or 422 => ExitCode.Usage, _ => ExitCode.Unavailable };
        return new(code, string.Join(Environment.NewLine + "  ", [error?.Detail ?? $"serve answered {(int)answer.StatusCode}.", .. error?.Errors ?? []]));
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(holder.Socket), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
