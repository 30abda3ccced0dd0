using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tools.Evaluation.Metrics;
using EdgeRuntime.Tools.Evaluation.Transcription;

namespace EdgeRuntime.Tools.Evaluation.Evaluators;

/// <summary>How many words are wrong in what is written down of sounds.</summary>
/// <param name="write">What is written down of a sample.</param>
/// <param name="owned">What is given back in the end.</param>
internal sealed class WordEvaluator(Func<Sample, string> write, IDisposable? owned) : Evaluator
{
    private readonly WordErrors errors = new();
    private readonly List<TextResult> texts = [];

    /// <summary>With a model that hears: an encoder, and the decoder that belongs to it.</summary>
    /// <exception cref="EdgeException">There is no decoder, or the two are no such pair.</exception>
    public static WordEvaluator Of(EvaluatorRequest request)
    {
        if (request.Decoder is not { } decoder)
            throw new EdgeException(ErrorCode.WrongTask, $"'{request.Model.Metadata.Name}' has no decoder that writes words.", "Take moonshine-tiny-encoder, name the decoder with --decoder, or give --hypotheses.");
        var recognizer = new SpeechRecognizer(request.Model, decoder, LlamaVocabulary.Load(), request.Session);
        return new WordEvaluator(sample => Recognize(recognizer, ((SoundContent)sample.Content).Path), recognizer);
    }

    /// <summary>With what was written down before.</summary>
    public static WordEvaluator Of(IReadOnlyDictionary<string, string> hypotheses) => new(sample => hypotheses.TryGetValue(Path.GetFileNameWithoutExtension(sample.Name), out string? text) ? text
        : throw new EdgeException(ErrorCode.CannotRead, $"nothing was written down for '{sample.Name}'"), null);

    private static string Recognize(SpeechRecognizer recognizer, string path)
    {
        float[] samples = SoundFile.Read(path, recognizer.SampleRate);
        return samples.Length <= recognizer.MostSamples ? recognizer.Recognize(samples)
            : throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' is {samples.Length / recognizer.SampleRate} seconds long; these models take {recognizer.MostSamples / recognizer.SampleRate} at most.", "Cut it into sentences.");
    }

    public override void Add(Sample sample)
    {
        string said = ((WordsTruth)sample.Truth!).Text, written = write(sample);
        errors.Add(said, written);
        texts.Add(new TextResult(sample.Name, said, written));
    }

    public override EvaluationResult Result() => new()
    {
        Kind = "words",
        Metrics =
        [
            new("wer", "word error rate", errors.Rate) { LessIsBetter = true }, new("words", "words said", errors.Words, MetricUnit.Count), new("replaced", "replaced", errors.Replaced, MetricUnit.Count), new("missing", "missing", errors.Missing, MetricUnit.Count),
            new("added", "added", errors.Added, MetricUnit.Count), new("sentences", "sentences", errors.Sentences.All, MetricUnit.Count), new("sentences_right", "sentences right", errors.Sentences.Right, MetricUnit.Count),
        ],
        Texts = texts,
    };

    public override void Dispose() => owned?.Dispose();
}
