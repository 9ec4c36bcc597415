using System.Globalization;
using System.Text;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs.View;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Logs;

/// <summary>How logs are printed.</summary>
internal enum LogForm
{
    /// <summary>As text, whatever the bytes are: what is not UTF-8 becomes U+FFFD.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>The bytes.</summary>
    Raw,
}

/// <summary>Prints logs one after another.</summary>
/// <param name="headers">Whether a line says whose log follows, where the form has room for it.</param>
internal sealed class LogPrinter(CommandContext around, LogForm form, bool headers)
{
    private readonly byte[] _bytes = new byte[64 * 1024];
    private readonly char[] _chars = new char[(64 * 1024) + 1];
    private readonly StringBuilder _rest = new();
    private Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly HashSet<TaskId> _printed = [];
    private TaskView? _task;
    private int _attempt;
    private string? _stream;
    private bool _begun, _midLine;

    /// <summary>What comes now is this attempt's.</summary>
    /// <param name="stream">stdout or stderr where the two are kept apart.</param>
    public void Begin(TaskView task, int attempt, string? stream = null)
    {
        (_task, _attempt, _stream, _begun, _midLine) = (task, attempt, stream, false, false);
        _decoder = Encoding.UTF8.GetDecoder();
    }

    /// <summary>Prints what there is.</summary>
    public void Copy(LogReader log)
    {
        while (log.Read(_bytes) is > 0 and var count)
        {
            if (!_begun && headers && form == LogForm.Text) around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- {_task!.Id} (attempt {_attempt}{(_stream is null ? "" : ", " + _stream)})"));
            _begun = true;
            if (form == LogForm.Raw && around.OutBytes is { } output) output.Write(_bytes, 0, count);
            else Print(_chars.AsSpan(0, _decoder.GetChars(_bytes, 0, count, _chars, 0, flush: false)));
        }
        if (_begun) around.OutBytes?.Flush();
    }

    /// <summary>Whether there was anything of a task.</summary>
    public bool HasPrinted(TaskId task) => _printed.Contains(task);

    /// <summary>Nothing more comes of it.</summary>
    public void End()
    {
        if (form != LogForm.Raw || around.OutBytes is null) Print(_chars.AsSpan(0, _decoder.GetChars([], 0, 0, _chars, 0, flush: true)));
        if (form == LogForm.Json && _rest.Length > 0) Line("");
        if (form == LogForm.Text && _midLine) around.Out.WriteLine();
        if (_begun) _printed.Add(_task!.Id);
    }

    private void Print(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return;
        _midLine = text[^1] != '\n';
        if (form != LogForm.Json)
        {
            around.Out.Write(text);
            return;
        }
        for (var end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n'))
        {
            Line(text[..end]);
            text = text[(end + 1)..];
        }
        _rest.Append(text);
    }

    private void Line(ReadOnlySpan<char> end)
    {
        var line = _rest.Append(end).ToString();
        _rest.Clear();
        JsonOut.Document(around.Out, w =>
        {
            w.WriteString("task", _task!.Id.ToString());
            w.WriteNumber("attempt", _attempt);
            w.WriteString("line", line);
        });
    }
}
