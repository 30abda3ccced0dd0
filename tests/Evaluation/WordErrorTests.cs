using EdgeRuntime.Graphs;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation.Metrics;
using EdgeRuntime.Tools.Evaluation.Transcription;
using EdgeRuntime.Tools.Reference;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>All recordings whose words are known, written down by Moonshine here and by ONNX Runtime with the same weights.</summary>
public class WordErrorTests
{
    private static readonly (string Sound, string Words)[] Known =
    [
        ("jfk", "and so my fellow americans ask not what your country can do for you ask what you can do for your country"),
        ("1272-141231-0002", "the cut on his chest still dripping blood the ache of his overstrained eyes even the soaring arena around him with the thousands of spectators were trivialities not worth thinking about"),
        ("goforward", "go forward ten meters"),
        ("sense_and_sensibility_01_austen_64kb-0870", "and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them"),
        ("sense_and_sensibility_01_austen_64kb-0890", "unless to be rather cold hearted and rather selfish is to be ill disposed"),
    ];

    [Fact]
    public void No_more_words_are_wrong_than_with_onnx_runtime()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime has not been built here: `edgert verify blazeface-front` does");
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.GetTool("llama-tokenizer")) is not null, "the vocabulary is not on this machine: edgert eval moonshine-tiny-encoder fetches it");
        string? encoderPath = ModelCache.Default.Find(ModelZoo.Default.Get("moonshine-tiny-encoder")), decoderPath = ModelCache.Default.Find(ModelZoo.Default.Get("moonshine-tiny-decoder"));
        Assert.SkipUnless(encoderPath is not null && decoderPath is not null, "Moonshine is not on this machine: `edgert models pull moonshine-tiny-encoder` and -decoder");
        using LoadedModel encoder = ModelLoader.Load(encoderPath, stop: stop), decoder = ModelLoader.Load(decoderPath, stop: stop);
        TokenVocabulary vocabulary = LlamaVocabulary.Load(stop: stop);
        using var recognizer = new SpeechRecognizer(encoder.Model, decoder.Model, vocabulary, new SessionOptions { Threads = 1 });
        IReferenceRuntime runtime = ReferenceRuntime.Load(stop: stop);
        using IReferenceModel encodeThere = runtime.Load(File.ReadAllBytes(encoderPath), null, 1, optimize: true), decodeThere = runtime.Load(File.ReadAllBytes(decoderPath), null, 1, optimize: true);
        Graph encoderGraph = encoder.Model.Graph, decoderGraph = decoder.Model.Graph;
        WordErrors ours = new(), theirs = new();
        foreach ((string sound, string words) in Known)
        {
            float[] samples = SoundFile.Read(Repository.Data("speech", sound + ".wav"), recognizer.SampleRate);
            string here = recognizer.Recognize(samples), there = vocabulary.Decode(MoonshineTests.Tokens(
                Tensor.From(new Shape(1, samples.Length), samples), encoderGraph, decoderGraph, inputs => MoonshineTests.Run(encodeThere, encoderGraph, inputs), inputs => MoonshineTests.Run(decodeThere, decoderGraph, inputs)));
            ours.Add(words, here);
            theirs.Add(words, there);
            TestContext.Current.TestOutputHelper?.WriteLine($"{sound}\n  here:  {here}\n  there: {there}");
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{ours.Rate:P2} here, {theirs.Rate:P2} there, of {ours.Words} words");
        Assert.True(ours.Rate <= theirs.Rate + 0.005, $"{ours.Rate:P2} of {ours.Words} words are wrong here, {theirs.Rate:P2} with ONNX Runtime");
    }
}
