using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>The intent model on sentences that it was not trained with, and how words become numbers.</summary>
public class TextClassifierTests
{
    [Theory]
    [InlineData("intent.onnx")]
    [InlineData("intent.edge")]
    public void The_shipped_model_understands_sentences_that_were_held_back(string file)
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", file), stop: TestContext.Current.CancellationToken);
        using var classifier = new TextClassifier(loaded.Model);
        string[] lines = File.ReadAllLines(Repository.File("models", "samples", "intent.csv"))[1..];
        Assert.Equal(240, lines.Length);
        int right = lines.Count(line =>
        {
            string[] parts = line.Split(',');
            return classifier.Labels[classifier.Process(parts[0])[0].Label] == parts[1];
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{right} of {lines.Length}");
        Assert.True(right >= 0.9 * lines.Length, $"{right} of {lines.Length} are right");
    }

    [Theory]
    [InlineData("Turn the lamp on!", "light-on", 4, 0)]
    [InlineData("  set a timer for TEN minutes, please", "timer", 7, 0)]
    [InlineData("lock the flurb door", "lock", 4, 1)]
    public void Words_are_told_apart_whatever_stands_between_them(string text, string expected, int words, int unknown)
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "intent.onnx"), stop: TestContext.Current.CancellationToken);
        using var classifier = new TextClassifier(loaded.Model);
        Assert.Equal(expected, classifier.Labels[classifier.Process(text)[0].Label]);
        Assert.Equal((words, unknown), (classifier.Words, classifier.UnknownWords));
    }

    [Fact]
    public void Words_become_numbers_by_the_vocabulary_of_the_model_file()
    {
        var vocabulary = new TextVocabulary(new ModelMetadata { SourceProperties = new Dictionary<string, string> { ["vocabulary"] = "on lamp twenty-one don't" } });
        Assert.Equal(6, vocabulary.Count);
        AssertNumbers("Lamp on", [3, 2, 0, 0, 0]);
        AssertNumbers("lamp,ON;;twenty-one  DON'T x lamp", [3, 2, 4, 5, 1]);
        AssertNumbers("", [0, 0, 0, 0, 0]);
        AssertNumbers("?!… \0", [0, 0, 0, 0, 0]);
        AssertNumbers(new string('a', 5000) + " ön 灯", [1, 1, 0, 0, 0]);

        void AssertNumbers(string text, long[] expected)
        {
            var numbers = new long[5];
            numbers.AsSpan().Fill(-1);
            vocabulary.Write(text, numbers);
            Assert.Equal(expected, numbers);
        }
    }

    [Fact]
    public void Allocates_nothing_per_sentence()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "intent.edge"), stop: TestContext.Current.CancellationToken);
        using var classifier = new TextClassifier(loaded.Model);
        for (int i = 0; i < 100; i++) classifier.Process("turn the kitchen lamp on");
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++) classifier.Process("turn the kitchen lamp on");
        }));
    }

    [Fact]
    public void Refuses_models_without_a_vocabulary_or_with_other_inputs()
    {
        using LoadedModel intent = ModelLoader.Load(Repository.File("models", "intent.edge"), stop: TestContext.Current.CancellationToken), digits = ModelLoader.Load(Repository.File("models", "digits.edge"), stop: TestContext.Current.CancellationToken);
        ModelMetadata said = intent.Model.Metadata;
        AssertRefused(intent.Model, said with { SourceProperties = new Dictionary<string, string>() }, "vocabulary");
        AssertRefused(intent.Model, said with { SourceProperties = new Dictionary<string, string> { ["vocabulary"] = "a b a" } }, "twice");
        AssertRefused(intent.Model, said with { Task = "" }, "task");
        AssertRefused(digits.Model, said, "inputs");

        static void AssertRefused(EdgeModel model, ModelMetadata metadata, string part)
        {
            EdgeException error = Assert.Throws<EdgeException>(() => new TextClassifier(new EdgeModel(model.Graph, metadata)));
            Assert.Equal(ErrorCode.WrongTask, error.Code);
            Assert.Contains(part, error.Problem);
        }
    }
}
