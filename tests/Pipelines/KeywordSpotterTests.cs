using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>The keyword model on seconds of speech that it was not trained with, one by one and as sound that goes on.</summary>
public class KeywordSpotterTests
{
    private const int MostWrong = 2;

    private static readonly string Samples = Repository.File("models", "samples", "keywords");

    [Theory]
    [InlineData("keywords.onnx")]
    [InlineData("keywords.edge")]
    public void The_shipped_model_knows_the_samples_that_were_held_back(string file)
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", file), stop: TestContext.Current.CancellationToken);
        using var classifier = new SoundClassifier(loaded.Model);
        Assert.Equal((16000, 16000, 12), (classifier.SampleRate, classifier.Samples, classifier.Classes));
        var wrong = new List<string>();
        string[] sounds = Directory.GetFiles(Samples, "*.wav", SearchOption.AllDirectories);
        Assert.Equal(24, sounds.Length);
        foreach (string sound in sounds)
        {
            Classification best = classifier.Process(SoundFile.Read(sound, classifier.SampleRate))[0];
            if (classifier.Labels[best.Label] != Path.GetFileName(Path.GetDirectoryName(sound))) wrong.Add($"{Path.GetFileName(sound)}: {classifier.Labels[best.Label]}");
        }
        Assert.True(wrong.Count <= MostWrong, string.Join(", ", wrong));
    }

    [Fact]
    public void Of_words_one_after_the_other_each_is_heard_once_and_nothing_else()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "keywords.onnx"), stop: TestContext.Current.CancellationToken);
        using var spotter = new KeywordSpotter(loaded.Model);
        string[] spoken = ["yes", "stop", "unknown", "left", "silence", "go"], expected = ["yes", "stop", "left", "go"];
        float[] sound = [.. spoken.SelectMany(word => SoundFile.Read(Path.Combine(Samples, word, $"{word}-000.wav"), spotter.SampleRate)), .. new float[spotter.SampleRate]];
        Assert.Equal(1600, spotter.PartSamples);
        var heard = new List<Keyword>();
        foreach (float[] part in sound.Chunk(spotter.PartSamples))
            if (spotter.Process(part, out Keyword keyword)) heard.Add(keyword);
        Assert.Equal(expected, heard.Select(k => spotter.Labels[k.Label]));
        for (int i = 0; i < expected.Length; i++)
        {
            // A word is recognised while it sounds or within a second.
            double second = Array.IndexOf(spoken, expected[i]);
            Assert.InRange(heard[i].Time.TotalSeconds, second, second + 2);
            Assert.InRange(heard[i].Score, 0.6f, 1);
        }
    }

    [Fact]
    public void Allocates_nothing_per_part()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "keywords.edge"), stop: TestContext.Current.CancellationToken);
        using var spotter = new KeywordSpotter(loaded.Model);
        var part = new float[spotter.PartSamples];
        for (int i = 0; i < part.Length; i++) part[i] = i % 37 / 37f - 0.5f;
        for (int i = 0; i < 30; i++) spotter.Process(part, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 20; i++) spotter.Process(part, out _);
        }));
    }

    [Fact]
    public void Refuses_models_that_do_not_say_what_it_needs()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "keywords.edge"), stop: TestContext.Current.CancellationToken);
        ModelMetadata said = loaded.Model.Metadata;
        AssertRefused(said with { Task = "speech" }, "speech");
        AssertRefused(said with { Sound = null }, "sound");
        AssertRefused(said with { Sound = said.Sound! with { Samples = 8000 } }, "8000 samples");
        AssertRefused(said with { Sound = said.Sound! with { Input = "x" } }, "'x'");
        AssertRefused(said with { Decoder = said.Decoder! with { Parameters = new Dictionary<string, double[]> { ["background"] = [12] } } }, "background");
        using var classifier = new SoundClassifier(loaded.Model);
        Assert.Throws<ArgumentException>(() => classifier.Process(new float[15999]));

        void AssertRefused(ModelMetadata metadata, string part)
        {
            EdgeException error = Assert.Throws<EdgeException>(() => new KeywordSpotter(new EdgeModel(loaded.Model.Graph, metadata)));
            Assert.Contains(part, error.Problem);
        }
    }
}
