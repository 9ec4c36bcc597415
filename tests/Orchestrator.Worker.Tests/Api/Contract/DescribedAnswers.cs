using System.Text.Json;

namespace Orchestrator.Worker.Tests.Api.Contract;

/// <summary>Between a test and the server: every answer must be one that the description knows, body and all.</summary>
internal sealed class DescribedAnswers() : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var path = request.RequestUri!.AbsolutePath;
        var what = $"{request.Method} {path} answered {(int)answer.StatusCode}";
        if (ApiDocument.Checked.OperationOf(request.Method.Method, path) is not { } operation)
        {
            ((int)answer.StatusCode).ShouldBeOneOf([404, 405, 421], $"{what}, and the description does not know it");
            return answer;
        }
        operation.GetProperty("responses").TryGetProperty($"{(int)answer.StatusCode}", out var described).ShouldBeTrue($"{what}, which the description does not expect");
        described = ApiDocument.Checked.Follow(described);
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        if (!described.TryGetProperty("content", out var content)) return answer;
        content.TryGetProperty(answer.Content.Headers.ContentType!.MediaType!, out var media).ShouldBeTrue($"{what} as {answer.Content.Headers.ContentType}");
        if (!answer.Content.Headers.ContentType!.MediaType!.Contains("json", StringComparison.Ordinal)) return answer;
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        foreach (var value in media.GetRawText().Contains("Event", StringComparison.Ordinal) ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [text])
            ApiDocument.Checked.Problems(media.GetProperty("schema"), JsonDocument.Parse(value).RootElement).ShouldBeEmpty($"{what}: {value}");
        return answer;
    }
}
