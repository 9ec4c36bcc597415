using System.Buffers;
using System.Text;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Planning;

/// <summary>
/// The address of a request. What is put into it after a host that is written out is encoded for its place, so that data stays data: in the path '/' too,
/// in the query '&amp;', '=' and '#'. An address that begins with an expression is taken as it comes; <c>raw()</c> and <c>url_encode()</c> say that a
/// value needs nothing more.
/// </summary>
internal sealed class UrlTemplate(Template template)
{
    private static readonly SearchValues<char> s_host = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]");

    private enum Part { Authority, Path, Query, Fragment }

    public IEnumerable<ExpressionReference> References => template.References;

    public string Render(ExpressionScope scope)
    {
        if (template.IsLiteral || template.BeginsWithHole) return template.Render(scope, TemplateMode.Text);
        var part = Part.Authority;
        var isSchemeRead = false;
        // The segment of the path that is being written, and the hole whose value is in it.
        var segment = new StringBuilder();
        Expression? filled = null;
        var address = template.Render(scope, Read, Fill);
        EndSegment();
        return address;

        // Dot segments shorten an address before it is requested, encoded or not, whatever their source.
        void EndSegment()
        {
            if (filled is { } hole && segment.ToString() is "." or "..")
                throw new ExpressionException("The value makes a part of the path '.' or '..', which would lead elsewhere. Give a name, or accept the risk with raw(...).").In(filled.Text);
            segment.Clear();
            filled = null;
        }

        void Read(string text)
        {
            var from = 0;
            if (!isSchemeRead && text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme) (isSchemeRead, from) = (true, scheme + 3);
            foreach (var c in text.AsSpan(from))
            {
                if (part == Part.Path && c is '/' or '?' or '#') EndSegment();
                else if (part == Part.Path) segment.Append(c);
                part = (part, c) switch
                {
                    (Part.Authority, '/') => Part.Path,
                    (Part.Authority or Part.Path, '?') => Part.Query,
                    (not Part.Fragment, '#') => Part.Fragment,
                    _ => part,
                };
            }
        }

        string Fill(Expression hole, string value)
        {
            if (hole.IsRaw || hole.IsUrlEncoded)
            {
                Read(value);
                return value;
            }
            if (part == Part.Authority)
                return !value.AsSpan().ContainsAnyExcept(s_host) ? value
                    : throw new ExpressionException("The value is part of the address's host and has characters that a host cannot have. Give only a host, or accept the risk with raw(...).").In(hole.Text);
            if (part == Part.Path)
            {
                segment.Append(value);
                filled = hole;
            }
            return Uri.EscapeDataString(value);
        }
    }
}
