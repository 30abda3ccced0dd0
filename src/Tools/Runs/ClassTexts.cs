using System.Buffers;
using System.Text;
using System.Text.Json;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Lines about classes, for people and as JSON.</summary>
internal static class ClassTexts
{
    /// <summary>How many classes are named.</summary>
    public const int Most = 3;

    /// <summary>The likeliest classes of something, such as "light-on 0.98, dim 0.01".</summary>
    public static string Of(ReadOnlySpan<Classification> found, IReadOnlyList<string> labels)
    {
        var text = new StringBuilder();
        foreach (ref readonly Classification one in found[..Math.Min(Most, found.Length)]) text.Append(text.Length > 0 ? ", " : "").Append($"{labels[one.Label]} {one.Score:0.000}");
        return text.ToString();
    }

    /// <summary>One object as a line.</summary>
    public static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
