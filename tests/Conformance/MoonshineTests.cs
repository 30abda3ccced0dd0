using System.Buffers.Binary;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>
/// Dynamically quantized Moonshine writes down what is said. Its numbers differ from those of ONNX Runtime, as theirs differ between machines: a rounding that goes the other way grows from layer to
/// layer, and may take a comma with it. The words are the same.
/// </summary>
public class MoonshineTests
{
    private const long Start = 1, End = 2, Comma = 29892, Period = 29889;

    /// <summary>More than is said in the longest recording here.</summary>
    private const int MostTokens = 100;

    /// <summary>What ONNX Runtime 1.29 makes of the recording on an x64 machine.</summary>
    private static readonly long[] Spoken =
    [
        1126, 577, 29892, 590, 10404, 23035, 29892, 2244, 451, 825, 596, 4234, 508, 437, 363, 366, 29892, 2244, 825, 366, 508, 437, 363, 596, 4234, 29889, End,
    ];

    [Fact]
    public void Speech_becomes_the_words_of_onnx_runtime()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using Tensor sound = Sound(Repository.Data("speech", "jfk.wav"));
        string encoderPath = Path("moonshine-tiny-encoder"), decoderPath = Path("moonshine-tiny-decoder");
        using LoadedModel encoder = ModelLoader.Load(encoderPath, stop: stop), decoder = ModelLoader.Load(decoderPath, stop: stop);
        using var encode = new InferenceSession(encoder.Model.Graph, new SessionOptions { Threads = 1 });
        using var decode = new InferenceSession(decoder.Model.Graph, new SessionOptions { Threads = 1 });
        long[] expected = Spoken;
        if (ReferenceRuntime.IsReady)
        {
            IReferenceRuntime runtime = ReferenceRuntime.Load(stop: stop);
            using IReferenceModel encodeThere = runtime.Load(File.ReadAllBytes(encoderPath), null, 1, optimize: true), decodeThere = runtime.Load(File.ReadAllBytes(decoderPath), null, 1, optimize: true);
            expected = Tokens(sound, encoder.Model.Graph, decoder.Model.Graph, inputs => Run(encodeThere, encoder.Model.Graph, inputs), inputs => Run(decodeThere, decoder.Model.Graph, inputs));
        }
        Assert.Equal(Words(expected), Words(Tokens(sound, encoder.Model.Graph, decoder.Model.Graph, inputs => Run(encode, inputs), inputs => Run(decode, inputs))));

        static IEnumerable<long> Words(long[] tokens) => tokens.Where(t => t is not (Comma or Period));
    }

    /// <summary>The most likely token after each, until the end; keys and values of those before are kept.</summary>
    internal static long[] Tokens(Tensor sound, Graph encoder, Graph decoder, Func<Tensor[], IReadOnlyDictionary<string, Tensor>> encode, Func<Tensor[], IReadOnlyDictionary<string, Tensor>> decode)
    {
        const string past = "past_key_values.", present = "present.";
        Tensor features = encode([sound])[encoder.Outputs[0].Name];
        Dictionary<string, Tensor> inputs = decoder.Inputs.Where(i => i.Name.StartsWith(past, StringComparison.Ordinal))
            .ToDictionary(i => i.Name, i => new Tensor(i.Type with { Shape = new Shape(1, i.Type.Shape[1], 0, i.Type.Shape[3]) }));
        inputs["encoder_hidden_states"] = features;
        var tokens = new List<long>();
        for (long token = Start; token != End && tokens.Count < MostTokens;)
        {
            inputs["input_ids"] = Tensor.From(new Shape(1, 1), token);
            inputs["use_cache_branch"] = new Tensor(new TensorType(DataType.Bool, 1));
            inputs["use_cache_branch"].View.Bytes[0] = (byte)(tokens.Count > 0 ? 1 : 0);
            IReadOnlyDictionary<string, Tensor> outputs = decode([.. decoder.Inputs.Select(i => inputs[i.Name])]);
            float[] logits = outputs["logits"].Span<float>().ToArray();
            token = Array.IndexOf(logits, logits.Max());
            tokens.Add(token);
            // What the features give is computed once; afterwards these outputs are empty.
            foreach ((string name, Tensor value) in outputs)
                if (name.StartsWith(present, StringComparison.Ordinal) && value.Shape.Count > 0) inputs[past + name[present.Length..]] = value;
        }
        return [.. tokens];
    }

    private static Dictionary<string, Tensor> Run(InferenceSession session, Tensor[] inputs)
    {
        session.Run(Array.ConvertAll(inputs, t => t.View));
        var results = new Dictionary<string, Tensor>();
        for (int i = 0; i < session.Graph.Outputs.Count; i++)
        {
            TensorView output = session.Output(i);
            var copy = new Tensor(output.Type);
            output.Bytes.CopyTo(copy.View.Bytes);
            results[session.Graph.Outputs[i].Name] = copy;
        }
        return results;
    }

    internal static IReadOnlyDictionary<string, Tensor> Run(IReferenceModel model, Graph graph, Tensor[] inputs)
    {
        model.SetInputs([.. inputs.Select((t, i) => (graph.Inputs[i].Name, t.View))]);
        return model.RunAndRead();
    }

    private static string Path(string name)
    {
        string? path = ModelCache.Default.Find(ModelZoo.Default.Get(name));
        Assert.SkipUnless(path is not null, $"{name} is not on this machine: `edgert models pull {name}`");
        return path;
    }

    /// <summary>The samples of a WAV file of one channel of 16 bits, between -1 and 1.</summary>
    private static Tensor Sound(string path)
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        int at = 12;
        while (!file[at..].StartsWith("data"u8)) at += 8 + BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]);
        ReadOnlySpan<byte> data = file.Slice(at + 8, BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]));
        var sound = new Tensor(new TensorType(DataType.F32, 1, data.Length / 2));
        Span<float> samples = sound.Span<float>();
        for (int i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]) / 32768f;
        return sound;
    }
}
