using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Verification;

namespace EdgeRuntime.Tools.Evaluation.Transcription;

/// <summary>Writes down what is said, with an encoder of sound and a decoder of tokens as Moonshine's: the most likely token after each, until the end.</summary>
internal sealed class Transcriber : IDisposable
{
    /// <summary>Samples a second that these models take.</summary>
    public const int SampleRate = 16000;

    private const long Start = 1, End = 2;

    private const double TokensPerSecond = 6.5;

    private const int LongestSeconds = 64;

    private const string Past = "past_key_values.", Present = "present.";

    private readonly InferenceSession encode, decode;
    private readonly Vocabulary vocabulary;
    private readonly Graph decoder;

    /// <summary>Prepares two models, which must outlive it.</summary>
    /// <exception cref="EdgeException">They are no such pair, or cannot run.</exception>
    public Transcriber(EdgeModel encoder, EdgeModel decoder, Vocabulary vocabulary, SessionOptions options)
    {
        string[] inputs = [.. decoder.Graph.Inputs.Select(i => i.Name)], needed = ["input_ids", "encoder_hidden_states", "use_cache_branch"];
        if (encoder.Graph.Inputs.Count != 1 || encoder.Graph.Outputs.Count != 1) throw Wrong(encoder, "has not one input for sound and one output of features");
        if (Array.Find(needed, name => !inputs.Contains(name)) is { } missing) throw Wrong(decoder, $"has no input '{missing}'");
        if (decoder.Graph.Outputs.All(o => o.Name != "logits")) throw Wrong(decoder, "has no output 'logits'");
        this.decoder = decoder.Graph;
        this.vocabulary = vocabulary;
        encode = new InferenceSession(encoder.Graph, options);
        decode = new InferenceSession(decoder.Graph, options);
    }

    /// <summary>What is said in a sound file.</summary>
    /// <exception cref="EdgeException">It cannot be read, or is too long.</exception>
    public string Transcribe(string path)
    {
        float[] samples = SoundFile.Read(path, SampleRate);
        if (samples.Length > LongestSeconds * SampleRate) throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' is {samples.Length / SampleRate} seconds long; these models take {LongestSeconds} at most.", "Cut it into sentences.");
        // Less than a tenth of a second gives the encoder no frame.
        if (samples.Length < SampleRate / 10) return "";
        using Tensor sound = Tensor.From<float>(new Shape(1, samples.Length), samples);
        encode.Run([sound.View]);
        return vocabulary.Decode(Tokens(encode.Output(0), (int)Math.Ceiling(samples.Length * TokensPerSecond / SampleRate)));
    }

    public void Dispose()
    {
        encode.Dispose();
        decode.Dispose();
    }

    private List<long> Tokens(TensorView features, int most)
    {
        var inputs = decoder.Inputs.Where(i => i.Name.StartsWith(Past, StringComparison.Ordinal)).ToDictionary(i => i.Name, i => new Tensor(i.Type with { Shape = new Shape(1, i.Type.Shape[1], 0, i.Type.Shape[3]) }));
        inputs["encoder_hidden_states"] = features.ToTensor();
        inputs["use_cache_branch"] = new Tensor(new TensorType(DataType.Bool, 1));
        var tokens = new List<long>();
        for (long token = Start; token != End && tokens.Count < most;)
        {
            inputs["input_ids"] = Tensor.From(new Shape(1, 1), token);
            inputs["use_cache_branch"].View.Bytes[0] = (byte)(tokens.Count > 0 ? 1 : 0);
            decode.Run([.. decoder.Inputs.Select(i => inputs[i.Name].View)]);
            token = Best(decode.Output(decode.OutputIndex("logits")).Span<float>());
            tokens.Add(token);
            // What the features give is computed once; afterwards these outputs are empty.
            for (int i = 0; i < decoder.Outputs.Count; i++)
            {
                string name = decoder.Outputs[i].Name;
                if (name.StartsWith(Present, StringComparison.Ordinal) && decode.Output(i).Shape.Count > 0) inputs[Past + name[Present.Length..]] = LayerVerifier.Copy(decode.Output(i));
            }
        }
        return tokens;
    }

    private static long Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }

    private static EdgeException Wrong(EdgeModel model, string problem) => new(ErrorCode.WrongTask, $"'{model.Metadata.Name}' {problem}, so it does not write down what is said.", "Take moonshine-tiny-encoder, or give --hypotheses.");
}
