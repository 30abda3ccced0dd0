using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>classify-text</c>: one line for each sentence.</summary>
internal static class TextRun
{
    public static void Run(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        if ((request.Prompt is null) == (request.Source is null))
            throw new EdgeException(ErrorCode.BadUsage, "'classify-text' needs --prompt or --source, and not both.", "Give --prompt \"a sentence\", or --source FILE with one a line.");
        using var classifier = new TextClassifier(model, request.Options.Session);
        IReadOnlyList<string> labels = LabelNames.Of(model);
        foreach (string text in request.Prompt is { } prompt ? [prompt] : File.ReadLines(request.Source!))
        {
            if (stop.IsCancellationRequested) return;
            if (string.IsNullOrWhiteSpace(text)) continue;
            Classification[] found = [.. classifier.Process(text)[..Math.Min(ClassTexts.Most, labels.Count)]];
            string unknown = classifier.UnknownWords == 0 ? "" : $"  ({classifier.UnknownWords} of {classifier.Words} words unknown)";
            output.WriteLine(request.Json
                ? ClassTexts.Json(json =>
                {
                    json.WriteString("text", text);
                    json.WriteNumber("unknown_words", classifier.UnknownWords);
                    json.WriteStartArray("results");
                    foreach (Classification one in found)
                    {
                        json.WriteStartObject();
                        json.WriteString("label", labels[one.Label]);
                        json.WriteNumber("score", Math.Round(one.Score, 4));
                        json.WriteEndObject();
                    }
                    json.WriteEndArray();
                })
                : request.Prompt is null ? $"{ClassTexts.Of(found, labels)}  {text}{unknown}" : $"{ClassTexts.Of(found, labels)}{unknown}");
        }
    }
}
